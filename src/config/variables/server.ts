import { availableCpus } from "../available-cpus.ts";
import { countOrAuto, int, seconds } from "../types/number-types.ts";
import { bool, lenientBool, oneOf, text } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

/** Far more than any machine wants, so that a slip of the pen does not start thousands. */
const MOST_PROCESSES = 256;

/** Listening, deadlines, queue. */
export const SERVER_VARIABLES = {
  bind: variable("IMGPROXY_BIND", text, ":8080", {
    doc: "Address the server listens on, `HOST:PORT` or `:PORT`; the path of the socket when IMGPROXY_NETWORK is `unix`.",
    needsRestart: true,
  }),
  port: optional("PORT", int(), {
    doc: "Port to listen on, for platforms that hand one out; used only when IMGPROXY_BIND is not set.",
    needsRestart: true,
  }),
  network: variable("IMGPROXY_NETWORK", oneOf(["tcp", "tcp4", "tcp6", "unix", "unixpacket"]), "tcp", {
    doc: "Kind of the listening socket.",
    needsRestart: true,
  }),
  pathPrefix: variable("IMGPROXY_PATH_PREFIX", text, "", {
    doc: "Put before every route; begins with a slash and does not end with one.",
  }),
  maxClients: variable("IMGPROXY_MAX_CLIENTS", int({ min: 0 }), 2048, {
    doc: "Most client connections at a time; further ones wait to be accepted. 0 = no limit.",
    needsRestart: true,
  }),
  timeoutSeconds: variable("IMGPROXY_TIMEOUT", seconds({ min: 1 }), 10, {
    doc: "Limit for a whole request: queue, download and processing.",
  }),
  readRequestTimeoutSeconds: variable("IMGPROXY_READ_REQUEST_TIMEOUT", seconds({ min: 1 }), 10, {
    doc: "Limit for reading a request.",
    needsRestart: true,
  }),
  writeResponseTimeoutSeconds: variable("IMGPROXY_WRITE_RESPONSE_TIMEOUT", seconds({ min: 1 }), 10, {
    doc: "Limit for writing an answer, counted from its first byte.",
    needsRestart: true,
  }),
  keepAliveTimeoutSeconds: variable("IMGPROXY_KEEP_ALIVE_TIMEOUT", seconds({ min: 0 }), 10, {
    doc: "How long an idle client connection is kept; 0 closes it after every answer.",
    needsRestart: true,
  }),
  gracefulStopTimeoutSeconds: variable("IMGPROXY_GRACEFUL_STOP_TIMEOUT", seconds({ min: 0 }), 20, {
    doc: "Time that running requests get after a stop signal.",
    needsRestart: true,
  }),
  allowOrigin: variable("IMGPROXY_ALLOW_ORIGIN", text, "", {
    doc: "Value of Access-Control-Allow-Origin; blank sends no CORS headers.",
  }),
  soReuseport: variable("IMGPROXY_SO_REUSEPORT", bool, false, {
    doc: "Let several processes listen on the same port (SO_REUSEPORT, Linux and macOS).",
    needsRestart: true,
  }),
  healthCheckPath: variable("IMGPROXY_HEALTH_CHECK_PATH", text, "", {
    doc: "A further path that answers like `/health`; begins with a slash.",
  }),
  healthCheckMessage: variable("IMGPROXY_HEALTH_CHECK_MESSAGE", text, "imgproxy is running", {
    doc: "Body of the health check's answer.",
  }),
  workers: variable("IMGPROXY_WORKERS", int({ min: 1 }), () => 2 * availableCpus(), {
    doc: "Images worked on at a time, their downloads included. In AWS Lambda always 1.",
    needsRestart: true,
    defaultText: "2 × available CPUs",
  }),
  processes: variable("IMGPROXY_PROCESSES", countOrAuto(MOST_PROCESSES), 1, {
    doc: "Processes that share the connections, the workers, the queue and the memory for results among them; Linux only, not for Unix sockets. `auto`: one for every eight CPUs or part of them. See docs/tuning.md.",
    needsRestart: true,
  }),
  requestsQueueSize: variable("IMGPROXY_REQUESTS_QUEUE_SIZE", int({ min: 0 }), 0, {
    doc: "Image requests that may wait for a worker; one more is answered 429. 0 = no limit; in AWS Lambda always 0.",
    needsRestart: true,
  }),
  awsLambdaFunctionName: variable("AWS_LAMBDA_FUNCTION_NAME", text, "", {
    doc: "Set by AWS Lambda: one worker, no queue.",
    needsRestart: true,
  }),
  freeMemoryIntervalSeconds: variable("IMGPROXY_FREE_MEMORY_INTERVAL", seconds({ min: 1 }), 10, {
    doc: "How often unused memory is handed back to the system, when no image is in work.",
    needsRestart: true,
  }),
  logMemStats: variable("IMGPROXY_LOG_MEM_STATS", bool, false, {
    doc: "Write memory figures to the log, at level debug, every IMGPROXY_FREE_MEMORY_INTERVAL.",
    needsRestart: true,
  }),
  failOnDeprecation: variable("IMGPROXY_FAIL_ON_DEPRECATION", lenientBool, false, {
    doc: "Refuse to start when a variable is set under a name that was removed.",
  }),
};
