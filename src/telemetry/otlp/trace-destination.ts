import type { Config } from "../../config/config.ts";
import type { TraceDestination } from "../tracing/destination.ts";
import { createPropagator } from "../tracing/propagators.ts";
import type { Logger } from "../types.ts";
import { createTraceExporter } from "./exporters.ts";
import { type OtlpConfig, otlpSettings } from "./settings.ts";
import { watchExports } from "./watch-exports.ts";

export type OtlpTraceConfig = OtlpConfig &
  Pick<Config, "otelPropagators" | "openTelemetryPropagateExternal" | "otelBspScheduleDelayMs">;

/** The collector that OTEL_EXPORTER_OTLP_* describes, as a place for spans. */
export async function createOtlpDestination(config: OtlpTraceConfig, logger: Logger): Promise<TraceDestination> {
  const settings = otlpSettings(config, "traces");
  return {
    exporter: watchExports(await createTraceExporter(settings), `traces to ${settings.url}`, logger),
    propagator: createPropagator(config.otelPropagators),
    isPassedToSources: config.openTelemetryPropagateExternal,
    delayMs: config.otelBspScheduleDelayMs,
  };
}
