import { csv, map } from "../types/list-types.ts";
import { int, milliseconds } from "../types/number-types.ts";
import { bool, oneOf, pem, sentryDsn, text } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

/** Log lines. */
export const LOGGING_VARIABLES = {
  logFormat: optional("IMGPROXY_LOG_FORMAT", oneOf(["pretty", "structured", "json", "gcp"]), {
    doc: "Form of log lines.",
    needsRestart: true,
    defaultText: "`pretty` on a terminal, else `structured`",
  }),
  logLevel: variable("IMGPROXY_LOG_LEVEL", oneOf(["debug", "info", "warn", "error"]), "info", {
    doc: "Lowest level that is written.",
    needsRestart: true,
  }),
  syslogEnable: variable("IMGPROXY_SYSLOG_ENABLE", bool, false, { doc: "Write to syslog too.", needsRestart: true }),
  syslogLevel: optional("IMGPROXY_SYSLOG_LEVEL", oneOf(["debug", "info", "warn", "error", "crit"]), {
    doc: "Lowest level that is sent to syslog.",
    defaultText: "as IMGPROXY_LOG_LEVEL",
    needsRestart: true,
  }),
  syslogNetwork: variable("IMGPROXY_SYSLOG_NETWORK", text, "", {
    doc: "How syslog is reached: `udp`, `tcp` (both also with 4 or 6 at the end), `unix`, `unixgram`; blank = on this machine.",
    needsRestart: true,
  }),
  syslogAddress: variable("IMGPROXY_SYSLOG_ADDRESS", text, "", {
    doc: "Address of syslog; needed with IMGPROXY_SYSLOG_NETWORK.",
    needsRestart: true,
  }),
  syslogTag: variable("IMGPROXY_SYSLOG_TAG", text, "imgproxy", { doc: "Tag of syslog lines.", needsRestart: true }),
};

/** Metrics for Prometheus. */
export const PROMETHEUS_VARIABLES = {
  prometheusBind: variable("IMGPROXY_PROMETHEUS_BIND", text, "", {
    doc: "Address of the metrics server, `HOST:PORT` or `:PORT`; blank turns it off.",
    needsRestart: true,
  }),
  prometheusNamespace: variable("IMGPROXY_PROMETHEUS_NAMESPACE", text, "", {
    doc: "Put before the names of our own metrics.",
    needsRestart: true,
  }),
};

/** New Relic, Datadog, CloudWatch. */
export const VENDOR_VARIABLES = {
  newRelicKey: variable("IMGPROXY_NEW_RELIC_KEY", text, "", {
    doc: "Licence key; turns New Relic on.",
    isSecret: true,
    needsRestart: true,
  }),
  newRelicAppName: variable("IMGPROXY_NEW_RELIC_APP_NAME", text, "imgproxy", {
    doc: "Application name.",
    needsRestart: true,
  }),
  newRelicLabels: variable("IMGPROXY_NEW_RELIC_LABELS", map, new Map(), {
    doc: "`NAME=VALUE;…` labels.",
    needsRestart: true,
  }),
  newRelicEndpoint: variable("IMGPROXY_NEW_RELIC_ENDPOINT", text, "", {
    doc: "URL of New Relic's interface for OTLP, or of a collector in front of it.",
    defaultText: "by the region of the key",
    needsRestart: true,
  }),
  newRelicPropagateExternal: variable("IMGPROXY_NEW_RELIC_PROPAGATE_EXTERNAL", bool, false, {
    doc: "Send trace headers to sources.",
    needsRestart: true,
  }),
  datadogEnable: variable("IMGPROXY_DATADOG_ENABLE", bool, false, { doc: "Traces to Datadog.", needsRestart: true }),
  datadogEnableAdditionalMetrics: variable("IMGPROXY_DATADOG_ENABLE_ADDITIONAL_METRICS", bool, false, {
    doc: "Metrics to DogStatsD, with IMGPROXY_DATADOG_ENABLE.",
    needsRestart: true,
  }),
  datadogPropagateExternal: variable("IMGPROXY_DATADOG_PROPAGATE_EXTERNAL", bool, false, {
    doc: "Send trace headers to sources.",
    needsRestart: true,
  }),
  ddService: variable("DD_SERVICE", text, "imgproxy", { doc: "Service name at Datadog.", needsRestart: true }),
  ddEnv: variable("DD_ENV", text, "", { doc: "Environment at Datadog; blank = the agent's.", needsRestart: true }),
  ddAgentHost: variable("DD_AGENT_HOST", text, "localhost", { doc: "Host of the Datadog agent.", needsRestart: true }),
  ddTraceAgentPort: variable("DD_TRACE_AGENT_PORT", int(), 8126, {
    doc: "Port of the agent for traces.",
    needsRestart: true,
  }),
  ddDogstatsdPort: variable("DD_DOGSTATSD_PORT", int(), 8125, {
    doc: "Port of the agent for metrics.",
    needsRestart: true,
  }),
  ddTraceStartupLogs: variable("DD_TRACE_STARTUP_LOGS", bool, false, {
    doc: "Log the settings of Datadog tracing at start.",
    needsRestart: true,
  }),
  cloudWatchServiceName: variable("IMGPROXY_CLOUD_WATCH_SERVICE_NAME", text, "", {
    doc: "ServiceName dimension; turns CloudWatch on.",
    needsRestart: true,
  }),
  cloudWatchNamespace: variable("IMGPROXY_CLOUD_WATCH_NAMESPACE", text, "imgproxy", {
    doc: "CloudWatch namespace.",
    needsRestart: true,
  }),
  cloudWatchRegion: variable("IMGPROXY_CLOUD_WATCH_REGION", text, "", {
    doc: "CloudWatch region.",
    defaultText: "AWS_REGION, else us-west-1",
    needsRestart: true,
  }),
};

const OTLP_PROTOCOLS = oneOf(["grpc", "http/protobuf", "http", "https"]);

/** OpenTelemetry. */
export const OPEN_TELEMETRY_VARIABLES = {
  openTelemetryEnable: variable("IMGPROXY_OPEN_TELEMETRY_ENABLE", bool, false, {
    doc: "Export traces over OTLP.",
    needsRestart: true,
  }),
  openTelemetryEnableMetrics: variable("IMGPROXY_OPEN_TELEMETRY_ENABLE_METRICS", bool, false, {
    doc: "Export metrics over OTLP.",
    needsRestart: true,
  }),
  openTelemetryEnableLogs: variable("IMGPROXY_OPEN_TELEMETRY_ENABLE_LOGS", bool, false, {
    doc: "Export logs over OTLP.",
    needsRestart: true,
  }),
  openTelemetryLoggerName: variable("IMGPROXY_OPEN_TELEMETRY_LOGGER_NAME", text, "imgproxy", {
    doc: "Scope name of exported logs.",
    needsRestart: true,
  }),
  openTelemetryServerCert: variable("IMGPROXY_OPEN_TELEMETRY_SERVER_CERT", pem, "", {
    doc: "Certificate of the collector, PEM; `\\n` stands for a line break.",
    needsRestart: true,
  }),
  openTelemetryClientCert: variable("IMGPROXY_OPEN_TELEMETRY_CLIENT_CERT", pem, "", {
    doc: "Client certificate, PEM.",
    needsRestart: true,
  }),
  openTelemetryClientKey: variable("IMGPROXY_OPEN_TELEMETRY_CLIENT_KEY", pem, "", {
    doc: "Key of the client certificate, PEM.",
    isSecret: true,
    needsRestart: true,
  }),
  openTelemetryTraceIdGenerator: variable("IMGPROXY_OPEN_TELEMETRY_TRACE_ID_GENERATOR", text, "xray", {
    doc: "`xray` or `random` trace ids.",
    needsRestart: true,
  }),
  openTelemetryPropagateExternal: variable("IMGPROXY_OPEN_TELEMETRY_PROPAGATE_EXTERNAL", bool, false, {
    doc: "Send trace headers to sources.",
    needsRestart: true,
  }),
  otelExporterOtlpEndpoint: variable("OTEL_EXPORTER_OTLP_ENDPOINT", text, "", {
    doc: "URL of the collector.",
    defaultText: "https://localhost:4317, with http 4318",
    needsRestart: true,
  }),
  otelExporterOtlpTracesEndpoint: variable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", text, "", {
    doc: "The same for traces.",
    needsRestart: true,
  }),
  otelExporterOtlpMetricsEndpoint: variable("OTEL_EXPORTER_OTLP_METRICS_ENDPOINT", text, "", {
    doc: "The same for metrics.",
    needsRestart: true,
  }),
  otelExporterOtlpLogsEndpoint: variable("OTEL_EXPORTER_OTLP_LOGS_ENDPOINT", text, "", {
    doc: "The same for logs.",
    needsRestart: true,
  }),
  otelExporterOtlpProtocol: variable("OTEL_EXPORTER_OTLP_PROTOCOL", OTLP_PROTOCOLS, "grpc", {
    doc: "Protocol of the collector.",
    needsRestart: true,
  }),
  otelExporterOtlpTracesProtocol: optional("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", OTLP_PROTOCOLS, {
    doc: "The same for traces.",
    needsRestart: true,
  }),
  otelExporterOtlpMetricsProtocol: optional("OTEL_EXPORTER_OTLP_METRICS_PROTOCOL", OTLP_PROTOCOLS, {
    doc: "The same for metrics.",
    needsRestart: true,
  }),
  otelExporterOtlpLogsProtocol: optional("OTEL_EXPORTER_OTLP_LOGS_PROTOCOL", OTLP_PROTOCOLS, {
    doc: "The same for logs.",
    needsRestart: true,
  }),
  otelExporterOtlpTimeoutMs: variable("OTEL_EXPORTER_OTLP_TIMEOUT", milliseconds({ min: 1 }), 10_000, {
    doc: "Limit for an export, in milliseconds.",
    needsRestart: true,
  }),
  otelExporterOtlpTracesTimeoutMs: variable("OTEL_EXPORTER_OTLP_TRACES_TIMEOUT", milliseconds(), 0, {
    doc: "The same for traces; 0 = the general limit.",
    needsRestart: true,
  }),
  otelExporterOtlpMetricsTimeoutMs: variable("OTEL_EXPORTER_OTLP_METRICS_TIMEOUT", milliseconds(), 0, {
    doc: "The same for metrics; 0 = the general limit.",
    needsRestart: true,
  }),
  otelExporterOtlpLogsTimeoutMs: variable("OTEL_EXPORTER_OTLP_LOGS_TIMEOUT", milliseconds(), 0, {
    doc: "The same for logs; 0 = the general limit.",
    needsRestart: true,
  }),
  otelPropagators: variable("OTEL_PROPAGATORS", csv, ["tracecontext", "baggage"], {
    doc: "Forms of trace headers.",
    needsRestart: true,
  }),
  otelTracesSampler: variable("OTEL_TRACES_SAMPLER", text, "parentbased_always_on", {
    doc: "Which requests are traced: `always_on`, `always_off`, `traceidratio`, each also with `parentbased_` in front.",
    needsRestart: true,
  }),
  otelTracesSamplerArg: variable("OTEL_TRACES_SAMPLER_ARG", text, "", {
    doc: "The share for `traceidratio`, from 0 to 1.",
    needsRestart: true,
  }),
  otelBspScheduleDelayMs: variable("OTEL_BSP_SCHEDULE_DELAY", milliseconds({ min: 1 }), 5000, {
    doc: "How long spans are gathered before they are sent, in milliseconds.",
    needsRestart: true,
  }),
  otelBlrpScheduleDelayMs: variable("OTEL_BLRP_SCHEDULE_DELAY", milliseconds({ min: 1 }), 1000, {
    doc: "The same for log records.",
    needsRestart: true,
  }),
  otelMetricExportIntervalMs: variable("OTEL_METRIC_EXPORT_INTERVAL", milliseconds({ min: 1 }), 60_000, {
    doc: "How often metrics are sent, in milliseconds.",
    needsRestart: true,
  }),
  otelServiceName: variable("OTEL_SERVICE_NAME", text, "imgproxy", { doc: "Service name.", needsRestart: true }),
  otelLogLevel: optional("OTEL_LOG_LEVEL", oneOf(["debug", "info", "warn", "error"]), {
    doc: "Lowest level that is exported.",
    defaultText: "as IMGPROXY_LOG_LEVEL",
    needsRestart: true,
  }),
};

/** Services that collect errors. */
export const REPORTING_VARIABLES = {
  reportDownloadingErrors: variable("IMGPROXY_REPORT_DOWNLOADING_ERRORS", bool, true, {
    doc: "Report failed downloads of sources.",
  }),
  reportIoErrors: variable("IMGPROXY_REPORT_IO_ERRORS", bool, false, {
    doc: "Treat failures while an answer is written as errors and report them.",
  }),
  sentryDsn: variable("IMGPROXY_SENTRY_DSN", sentryDsn, "", {
    doc: "DSN; turns Sentry on.",
    isSecret: true,
    needsRestart: true,
  }),
  sentryEnvironment: variable("IMGPROXY_SENTRY_ENVIRONMENT", text, "production", {
    doc: "Environment name at Sentry.",
    needsRestart: true,
  }),
  sentryRelease: variable("IMGPROXY_SENTRY_RELEASE", text, "imgproxy@%current_version", {
    doc: "Release name at Sentry; `%current_version` becomes the version.",
    needsRestart: true,
  }),
  bugsnagKey: variable("IMGPROXY_BUGSNAG_KEY", text, "", {
    doc: "Key; turns Bugsnag on.",
    isSecret: true,
    needsRestart: true,
  }),
  bugsnagStage: variable("IMGPROXY_BUGSNAG_STAGE", text, "production", {
    doc: "Stage at Bugsnag.",
    needsRestart: true,
  }),
  honeybadgerKey: variable("IMGPROXY_HONEYBADGER_KEY", text, "", {
    doc: "Key; turns Honeybadger on.",
    isSecret: true,
    needsRestart: true,
  }),
  honeybadgerEnv: variable("IMGPROXY_HONEYBADGER_ENV", text, "production", {
    doc: "Environment at Honeybadger.",
    needsRestart: true,
  }),
  airbrakeProjectId: variable("IMGPROXY_AIRBRAKE_PROJECT_ID", int(), 0, {
    doc: "Project id at Airbrake; 0 = off.",
    needsRestart: true,
  }),
  airbrakeProjectKey: variable("IMGPROXY_AIRBRAKE_PROJECT_KEY", text, "", {
    doc: "Project key; turns Airbrake on.",
    isSecret: true,
    needsRestart: true,
  }),
  airbrakeEnvironment: variable("IMGPROXY_AIRBRAKE_ENVIRONMENT", text, "production", {
    doc: "Environment at Airbrake.",
    needsRestart: true,
  }),
};
