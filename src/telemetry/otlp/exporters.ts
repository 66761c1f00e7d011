import type { OtlpSettings } from "./settings.ts";

/*
 * The official exporters, of which only the chosen protocol's are loaded: gRPC brings a library of its own. Headers, compression
 * and certificate files they read from the standard variables themselves.
 */

export async function createTraceExporter(settings: OtlpSettings) {
  if (settings.protocol === "grpc") {
    const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-grpc");
    return new OTLPTraceExporter(await grpcOptions(settings));
  }
  const { OTLPTraceExporter } = await import("@opentelemetry/exporter-trace-otlp-proto");
  return new OTLPTraceExporter(httpOptions(settings));
}

export async function createMetricExporter(settings: OtlpSettings) {
  if (settings.protocol === "grpc") {
    const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-grpc");
    return new OTLPMetricExporter(await grpcOptions(settings));
  }
  const { OTLPMetricExporter } = await import("@opentelemetry/exporter-metrics-otlp-proto");
  return new OTLPMetricExporter(httpOptions(settings));
}

export async function createLogExporter(settings: OtlpSettings) {
  if (settings.protocol === "grpc") {
    const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-grpc");
    return new OTLPLogExporter(await grpcOptions(settings));
  }
  const { OTLPLogExporter } = await import("@opentelemetry/exporter-logs-otlp-proto");
  return new OTLPLogExporter(httpOptions(settings));
}

function httpOptions({ url, timeoutMs, headers, tls }: OtlpSettings) {
  const options = { url, timeoutMillis: timeoutMs, ...(headers === undefined ? {} : { headers: { ...headers } }) };
  return tls === undefined ? options : { ...options, httpAgentOptions: { keepAlive: true, ...tls } };
}

async function grpcOptions({ url, timeoutMs, tls }: OtlpSettings) {
  const options = { url, timeoutMillis: timeoutMs };
  if (tls === undefined || url.startsWith("http://")) return options;
  const { credentials } = await import("@grpc/grpc-js");
  const bytes = (pem: string | undefined) => (pem === undefined ? null : Buffer.from(pem));
  return { ...options, credentials: credentials.createSsl(bytes(tls.ca), bytes(tls.key), bytes(tls.cert)) };
}
