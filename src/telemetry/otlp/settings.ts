import type { Config } from "../../config/config.ts";

export type Signal = "traces" | "metrics" | "logs";

/** How one kind of data travels to a collector. */
export type OtlpSettings = {
  readonly protocol: "grpc" | "http";
  readonly url: string;
  readonly timeoutMs: number;
  /** Besides those that the standard variables name. */
  readonly headers?: Readonly<Record<string, string>>;
  /** PEM. Undefined = what the standard variables and the system say. */
  readonly tls: { readonly ca?: string; readonly cert?: string; readonly key?: string } | undefined;
};

export type OtlpConfig = Pick<
  Config,
  | "otelExporterOtlpEndpoint"
  | "otelExporterOtlpTracesEndpoint"
  | "otelExporterOtlpMetricsEndpoint"
  | "otelExporterOtlpLogsEndpoint"
  | "otelExporterOtlpProtocol"
  | "otelExporterOtlpTracesProtocol"
  | "otelExporterOtlpMetricsProtocol"
  | "otelExporterOtlpLogsProtocol"
  | "otelExporterOtlpTimeoutMs"
  | "otelExporterOtlpTracesTimeoutMs"
  | "otelExporterOtlpMetricsTimeoutMs"
  | "otelExporterOtlpLogsTimeoutMs"
  | "openTelemetryServerCert"
  | "openTelemetryClientCert"
  | "openTelemetryClientKey"
>;

/**
 * Reads the settings of one signal: its own variable wins over the general one. A general endpoint is a base over HTTP, a
 * signal's own is taken as it is. Source: OpenTelemetry's specification of the OTLP exporter.
 */
export function otlpSettings(config: OtlpConfig, signal: Signal): OtlpSettings {
  const own = ownSettings(config, signal);
  const protocol = (own.protocol ?? config.otelExporterOtlpProtocol) === "grpc" ? "grpc" : "http";
  return {
    protocol,
    url: own.endpoint || generalUrl(config.otelExporterOtlpEndpoint, protocol, signal),
    timeoutMs: own.timeoutMs || config.otelExporterOtlpTimeoutMs,
    tls: tlsSettings(config),
  };
}

function ownSettings(config: OtlpConfig, signal: Signal) {
  switch (signal) {
    case "traces":
      return {
        endpoint: config.otelExporterOtlpTracesEndpoint,
        protocol: config.otelExporterOtlpTracesProtocol,
        timeoutMs: config.otelExporterOtlpTracesTimeoutMs,
      };
    case "metrics":
      return {
        endpoint: config.otelExporterOtlpMetricsEndpoint,
        protocol: config.otelExporterOtlpMetricsProtocol,
        timeoutMs: config.otelExporterOtlpMetricsTimeoutMs,
      };
    case "logs":
      return {
        endpoint: config.otelExporterOtlpLogsEndpoint,
        protocol: config.otelExporterOtlpLogsProtocol,
        timeoutMs: config.otelExporterOtlpLogsTimeoutMs,
      };
  }
}

function generalUrl(endpoint: string, protocol: "grpc" | "http", signal: Signal): string {
  if (protocol === "grpc") return endpoint || "https://localhost:4317";
  return `${(endpoint || "https://localhost:4318").replace(/\/$/, "")}/v1/${signal}`;
}

function tlsSettings(config: OtlpConfig): OtlpSettings["tls"] {
  const { openTelemetryServerCert: ca, openTelemetryClientCert: cert, openTelemetryClientKey: key } = config;
  if (ca === "" && cert === "" && key === "") return undefined;
  return { ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) };
}
