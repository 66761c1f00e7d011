import type { AppError, ErrorKind } from "../errors.ts";
import type { Metrics } from "../telemetry/types.ts";
import { type RequestTrace, SPAN_NAMES, type Stage } from "./request-trace.ts";
import type { WorkQueue } from "./work-queue.ts";

/** The reference's buckets, in seconds. */
const SECONDS_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const BYTES_BUCKETS = [1e3, 4e3, 16e3, 64e3, 256e3, 1e6, 4e6, 16e6, 64e6];

/** The reference's categories. A client that went away is no error. */
const ERROR_TYPES: Readonly<Record<ErrorKind, string | undefined>> = {
  bad_request: "path_parsing",
  not_found: "path_parsing",
  invalid_url: "path_parsing",
  unsupported_target: "path_parsing",
  forbidden: "security",
  signature_missing: "security",
  option_forbidden: "security",
  source_forbidden: "security",
  too_many_requests: "queue",
  source_unreachable: "download",
  source_incomplete: "download",
  source_timeout: "timeout",
  timeout: "timeout",
  undetected_image: "download",
  invalid_image: "processing",
  broken_image: "processing",
  cancelled: undefined,
  write_failed: "IO",
  internal: "unexpected",
  config: "unexpected",
  usage: "unexpected",
};

type Labels = Readonly<Record<string, string>>;

const SPAN_LABELS: Readonly<Record<Stage, Labels>> = {
  cache: { span: SPAN_NAMES.cache },
  queue: { span: SPAN_NAMES.queue },
  download: { span: SPAN_NAMES.download },
  processing: { span: SPAN_NAMES.processing },
  sending: { span: SPAN_NAMES.sending },
};

/** Counts image requests; everything else (health, landing, HEAD, …) leaves no trace here. */
export interface RequestMetrics {
  started(): void;
  finished(trace: RequestTrace, status: number): void;
}

/** Registers the metrics of requests and of the queue. */
export function registerRequestMetrics(metrics: Metrics, queue: WorkQueue): RequestMetrics {
  const requests = metrics.counter(
    "requests_total",
    "A counter of the total number of HTTP requests imgproxy processed.",
  );
  const statuses = metrics.counter("status_codes_total", "A counter of the response status codes.");
  const errors = metrics.counter("errors_total", "A counter of the occurred errors separated by type.");
  const durations = metrics.histogram(
    "request_duration_seconds",
    "A histogram of the response latency.",
    SECONDS_BUCKETS,
  );
  const spans = metrics.histogram(
    "request_span_duration_seconds",
    "A histogram of the queue latency, downloading, processing and streaming.",
    SECONDS_BUCKETS,
  );
  const sourceBytes = metrics.histogram(
    "source_size_bytes",
    "A histogram of the sizes of source images.",
    BYTES_BUCKETS,
  );
  const resultBytes = metrics.histogram("result_size_bytes", "A histogram of the sizes of results.", BYTES_BUCKETS);
  registerGauges(metrics, queue);
  requests.add(0);
  const statusLabels = new Map<number, Labels>();
  return {
    started() {
      requests.add(1);
      queue.load.requests++;
    },
    finished(trace, status) {
      queue.load.requests--;
      statuses.add(1, labelsOf(status, statusLabels));
      durations.observe(trace.elapsedMs / 1000);
      for (const [stage, ms] of trace.stages) spans.observe(ms / 1000, SPAN_LABELS[stage]);
      if (trace.sourceBytes !== undefined) sourceBytes.observe(trace.sourceBytes);
      if (trace.resultBytes !== undefined) resultBytes.observe(trace.resultBytes);
      const type = trace.error && errorType(trace.error);
      if (type !== undefined) errors.add(1, { type });
    },
  };
}

/** The labels of a status, made once for each of the few that there are. */
function labelsOf(status: number, known: Map<number, Labels>): Labels {
  const found = known.get(status);
  if (found !== undefined) return found;
  const labels = { status: String(status) };
  known.set(status, labels);
  return labels;
}

function registerGauges(metrics: Metrics, queue: WorkQueue): void {
  const { load, workers } = queue;
  metrics.gauge("workers", "A gauge of the number of running workers.", () => workers);
  metrics.gauge(
    "requests_in_progress",
    "A gauge of the number of requests currently in progress.",
    () => load.requests,
  );
  metrics.gauge(
    "images_in_progress",
    "A gauge of the number of images currently in progress.",
    () => queue.busy + load.streams,
  );
  metrics.gauge(
    "workers_utilization",
    "A gauge of the workers utilization in percents.",
    () => (load.requests / workers) * 100,
  );
  metrics.gauge("queue_waiting", "A gauge of the number of requests that wait for a worker.", () => queue.waiting);
}

function errorType(error: AppError): string | undefined {
  return ERROR_TYPES[error.kind];
}
