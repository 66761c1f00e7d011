import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Config } from "../../config/config.ts";
import { watchExports } from "../otlp/watch-exports.ts";
import type { TraceDestination } from "../tracing/destination.ts";
import type { Logger } from "../types.ts";
import { DatadogPropagator } from "./propagator.ts";
import { DatadogSpanExporter } from "./span-exporter.ts";

export type DatadogTraceConfig = Pick<
  Config,
  | "datadogEnable"
  | "datadogPropagateExternal"
  | "ddService"
  | "ddEnv"
  | "ddAgentHost"
  | "ddTraceAgentPort"
  | "ddTraceStartupLogs"
>;

const DELAY_MS = 2000;

/** The Datadog agent as a place for spans. */
export function createDatadogDestination(
  config: DatadogTraceConfig,
  { version, logger }: { readonly version: string; readonly logger: Logger },
): TraceDestination {
  const agent = {
    host: config.ddAgentHost,
    port: config.ddTraceAgentPort,
    service: config.ddService,
    env: config.ddEnv,
    version,
  };
  if (config.ddTraceStartupLogs) logger.log("info", "Datadog tracing", agent);
  return {
    exporter: watchExports(new DatadogSpanExporter(agent), "traces to the Datadog agent", logger),
    // Of the headers that a request brings, Datadog's own count most.
    propagator: new CompositePropagator({
      propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator(), new DatadogPropagator()],
    }),
    isPassedToSources: config.datadogPropagateExternal,
    delayMs: DELAY_MS,
  };
}
