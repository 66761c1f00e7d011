/** Variables that the runtime, the C library or systemd read by themselves, for the reference page only. */
export const FOREIGN: ReadonlyMap<string, string> = new Map([
  [
    "UV_THREADPOOL_SIZE",
    "Threads that images are processed on. Chosen at start from IMGPROXY_WORKERS or the CPUs when it is not set.",
  ],
  ["BUN_CONFIG_MAX_HTTP_REQUESTS", "Most downloads at a time. 4096 when it is not set."],
  ["MALLOC_ARENA_MAX", "Memory pools of glibc. 2 when it is not set, which keeps memory from being scattered."],
  ["MIMALLOC_PURGE_DELAY", "Milliseconds until Bun hands freed memory back to the system. 500 when it is not set."],
  ["NODE_EXTRA_CA_CERTS", "PEM file with authorities that are trusted besides the usual ones."],
  ["SSL_CERT_FILE", "PEM file with the authorities to trust."],
  ["GOOGLE_APPLICATION_CREDENTIALS", "File with a service account's key, for Google Secret Manager."],
  ["GCE_METADATA_HOST", "Host of Google's metadata service, `HOST:PORT`."],
  ["CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER", "Another address of Google Secret Manager, as gcloud knows it."],
  [
    "OTEL_EXPORTER_OTLP_HEADERS",
    "Headers for the OpenTelemetry collector, `name=value,…`. Like the next three, also with `_TRACES`, `_METRICS` or `_LOGS` after `OTLP`.",
  ],
  ["OTEL_EXPORTER_OTLP_COMPRESSION", "`gzip` or `none`."],
  [
    "OTEL_EXPORTER_OTLP_CERTIFICATE",
    "File with the collector's authorities; `_CLIENT_CERTIFICATE` and `_CLIENT_KEY` name a client's. The IMGPROXY_OPEN_TELEMETRY_ variables win.",
  ],
  ["OTEL_EXPORTER_OTLP_INSECURE", "`true` for gRPC without TLS to an endpoint that has no scheme."],
  ["OTEL_RESOURCE_ATTRIBUTES", "`name=value,…` that describe this server in traces, metrics and log records."],
  ["NOTIFY_SOCKET", "Set by systemd: the state of the server is told there."],
  ["WATCHDOG_USEC", "Set by systemd: how often it must hear that the server is alive."],
  ["CREDENTIALS_DIRECTORY", "Set by systemd: the folder with the files of LoadCredential=."],
  ["CACHE_DIRECTORY", "Set by systemd: the executable unpacks its libraries there."],
]);
