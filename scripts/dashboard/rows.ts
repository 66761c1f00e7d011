import { metric, quantile, type Row, rate } from "./panel.ts";

const REQUESTS = rate("request_duration_seconds_count");
/** What has never happened counts as nothing, and no traffic as no share. */
const ratio = (part: string, whole: string) => `(${part} or vector(0)) / clamp_min(${whole}, 1e-9)`;
/** Mean seconds of a stage, over all requests. */
const meanOf = (name: string) => `${rate(`${name}_sum`, { by: "span" })} / ${rate(`${name}_count`, { by: "span" })}`;
const kept = (layer: string) => `sum(${metric(`cache_${layer}`)})`;

/** What the dashboard shows, from the question "is it well?" to the one "why not?". */
export const ROWS: readonly Row[] = [
  {
    title: "Health",
    panels: [
      {
        title: "Requests",
        doc: "Image requests a second.",
        unit: "reqps",
        kind: "stat",
        queries: [{ expr: REQUESTS, legend: "" }],
      },
      {
        title: "Faults",
        doc: "Share of answers with a status from 500 on.",
        unit: "percentunit",
        kind: "stat",
        warns: [0.01, 0.05],
        queries: [
          {
            expr: ratio(rate("status_codes_total", { matchers: 'status=~"5.."' }), rate("status_codes_total")),
            legend: "",
          },
        ],
      },
      {
        title: "Within one second",
        doc: "Share of requests that took at most a second, sending included.",
        unit: "percentunit",
        kind: "stat",
        queries: [
          { expr: ratio(rate("request_duration_seconds_bucket", { matchers: 'le="1"' }), REQUESTS), legend: "" },
        ],
      },
      {
        title: "Workers in use",
        doc: "Images in work by workers; at 1 requests wait.",
        unit: "percentunit",
        kind: "stat",
        warns: [0.8, 1],
        queries: [{ expr: ratio(`sum(${metric("images_in_progress")})`, `sum(${metric("workers")})`), legend: "" }],
      },
      {
        title: "Running for",
        doc: "Of the process that started last.",
        unit: "s",
        kind: "stat",
        queries: [{ expr: `time() - max(${metric("process_start_time_seconds")})`, legend: "" }],
      },
      {
        title: "Starts in a day",
        doc: "Starts of processes that Prometheus has seen.",
        unit: "none",
        kind: "stat",
        warns: [3, 10],
        queries: [{ expr: `sum(changes(${metric("process_start_time_seconds")}[1d]))`, legend: "" }],
      },
    ],
  },
  {
    title: "Traffic",
    panels: [
      {
        title: "Answers by status",
        doc: "499 are clients that left.",
        unit: "reqps",
        kind: "stacked",
        queries: [{ expr: rate("status_codes_total", { by: "status" }), legend: "{{status}}" }],
      },
      {
        title: "Answered without making an image",
        doc: "Share of 304 answers, of results found kept, and of requests that shared another one's work.",
        unit: "percentunit",
        max: 1,
        queries: [
          {
            expr: ratio(rate("status_codes_total", { matchers: 'status="304"' }), rate("status_codes_total")),
            legend: "304",
          },
          { expr: ratio(rate("cache_hits_total"), rate("status_codes_total")), legend: "kept" },
          { expr: ratio(rate("shared_requests_total"), rate("status_codes_total")), legend: "shared" },
        ],
      },
      {
        title: "Bytes in and out",
        doc: "Sources downloaded and results sent, a second.",
        unit: "Bps",
        queries: [
          { expr: rate("source_size_bytes_sum"), legend: "sources" },
          { expr: rate("result_size_bytes_sum"), legend: "results" },
        ],
      },
    ],
  },
  {
    title: "Latency",
    panels: [
      {
        title: "Whole requests",
        doc: "Queue, download, processing and sending.",
        unit: "s",
        queries: [0.5, 0.95, 0.99].map((q) => ({
          expr: quantile(q, "request_duration_seconds"),
          legend: `p${q * 100}`,
        })),
      },
      {
        title: "Where the time goes",
        doc: "Mean of each stage, stacked.",
        unit: "s",
        kind: "stacked",
        queries: [{ expr: meanOf("request_span_duration_seconds"), legend: "{{span}}" }],
      },
      {
        title: "Slow ends of the stages",
        doc: "95th percentile of each stage.",
        unit: "s",
        queries: ["queue", "downloading_source_image", "processing_image", "streaming_image"].map((span) => ({
          expr: quantile(0.95, "request_span_duration_seconds", `span="${span}"`),
          legend: span,
        })),
      },
    ],
  },
  {
    title: "Queue",
    panels: [
      {
        title: "Requests that wait",
        doc: "For a worker, at this moment.",
        unit: "none",
        queries: [{ expr: metric("queue_waiting"), legend: "{{instance}}" }],
      },
      {
        title: "Load",
        doc: "Requests in progress and images in work, against the workers there are.",
        unit: "none",
        queries: [
          { expr: `sum(${metric("requests_in_progress")})`, legend: "requests" },
          { expr: `sum(${metric("images_in_progress")})`, legend: "images" },
          { expr: `sum(${metric("workers")})`, legend: "workers" },
        ],
      },
      {
        title: "Turned away and timed out",
        doc: "429: the queue was full. 503: IMGPROXY_TIMEOUT. 504: the source was too slow.",
        unit: "reqps",
        queries: [
          {
            expr: rate("status_codes_total", { by: "status", matchers: 'status=~"429|503|504"' }),
            legend: "{{status}}",
          },
        ],
      },
    ],
  },
  {
    title: "Sources",
    panels: [
      {
        title: "S3 by status",
        doc: "Requests to stores; status 0 is no answer.",
        unit: "reqps",
        queries: [{ expr: rate("s3_requests_total", { by: "status" }), legend: "{{status}}" }],
      },
      {
        title: "S3 retries and detours",
        doc: "Requests repeated by reason, requests sent on to another region, and searches for credentials that failed.",
        unit: "reqps",
        queries: [
          { expr: rate("s3_retries_total", { by: "reason" }), legend: "retry: {{reason}}" },
          { expr: rate("s3_region_redirects_total"), legend: "other region" },
          { expr: rate("s3_region_probes_total"), legend: "region asked for" },
          { expr: rate("s3_credential_refresh_total", { matchers: 'result="error"' }), legend: "no credentials" },
        ],
      },
      {
        title: "HTTP connections",
        doc: "Requests to HTTP sources over new and kept connections.",
        unit: "reqps",
        queries: [{ expr: rate("source_http_requests_total", { by: "connection" }), legend: "{{connection}}" }],
      },
    ],
  },
  {
    title: "Images",
    panels: [
      {
        title: "Size of sources",
        doc: "Bytes of a file.",
        unit: "bytes",
        queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, "source_size_bytes"), legend: `p${q * 100}` })),
      },
      {
        title: "Size of results",
        doc: "Bytes of an answer.",
        unit: "bytes",
        queries: [0.5, 0.95].map((q) => ({ expr: quantile(q, "result_size_bytes"), legend: `p${q * 100}` })),
      },
      {
        title: "Results by sources",
        doc: "Mean size of a result by mean size of a source: what is not sent to clients.",
        unit: "percentunit",
        queries: [
          {
            expr: `(${rate("result_size_bytes_sum")} / ${rate("result_size_bytes_count")}) / (${rate("source_size_bytes_sum")} / ${rate("source_size_bytes_count")})`,
            legend: "result / source",
          },
        ],
      },
    ],
  },
  {
    title: "Kept results",
    panels: [
      {
        title: "Found, by layer",
        doc: "Share of look-ups; the rest were misses.",
        unit: "percentunit",
        max: 1,
        kind: "stacked",
        queries: [
          {
            expr: `${rate("cache_hits_total", { by: "layer" })} / scalar(clamp_min(${rate("cache_hits_total")} + ${rate("cache_misses_total")}, 1e-9))`,
            legend: "{{layer}}",
          },
        ],
      },
      {
        title: "What is kept",
        doc: "Bytes in memory and on the disk.",
        unit: "bytes",
        queries: [
          { expr: kept("memory_bytes"), legend: "memory" },
          { expr: kept("fs_bytes"), legend: "disk" },
        ],
      },
      {
        title: "Trouble",
        doc: "Faults by layer and kind, results dropped instead of written, results removed to make room.",
        unit: "ops",
        queries: [
          { expr: rate("cache_errors_total", { by: "layer, kind" }), legend: "{{layer}} {{kind}}" },
          { expr: rate("cache_dropped_writes_total", { by: "layer" }), legend: "{{layer}} dropped" },
          { expr: rate("cache_evictions_total", { by: "layer" }), legend: "{{layer}} removed" },
        ],
      },
    ],
  },
  {
    title: "Process",
    panels: [
      {
        title: "Memory",
        doc: "Resident memory of each process. Under load it stays near its peak; what matters is that it stops growing.",
        unit: "bytes",
        queries: [{ expr: metric("process_resident_memory_bytes"), legend: "{{instance}}" }],
      },
      {
        title: "Who holds it",
        doc: "libvips and the JavaScript heap, all processes together.",
        unit: "bytes",
        queries: [
          { expr: `sum(${metric("vips_memory_bytes")})`, legend: "libvips" },
          { expr: `sum(${metric("js_heap_used_bytes")})`, legend: "JavaScript" },
        ],
      },
      {
        title: "Processors",
        doc: "Cores in use by each process.",
        unit: "none",
        queries: [{ expr: `rate(${metric("process_cpu_seconds_total")}[$__rate_interval])`, legend: "{{instance}}" }],
      },
      {
        title: "Event loop",
        doc: "How late it runs; above 0.1 s answers from memory are late as well.",
        unit: "s",
        width: 12,
        queries: [{ expr: metric("event_loop_delay_p99_seconds"), legend: "{{instance}}" }],
      },
      {
        title: "Open files",
        doc: "Sockets included, by what is allowed.",
        unit: "percentunit",
        max: 1,
        width: 12,
        queries: [{ expr: `${metric("process_open_fds")} / ${metric("process_max_fds")}`, legend: "{{instance}}" }],
      },
    ],
  },
  {
    title: "Errors and security",
    panels: [
      {
        title: "Errors by type",
        doc: "security: wrong signatures and secrets, forbidden sources and options. path_parsing: URLs that are none.",
        unit: "reqps",
        width: 24,
        queries: [{ expr: rate("errors_total", { by: "type" }), legend: "{{type}}" }],
      },
    ],
  },
];
