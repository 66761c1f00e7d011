import type { TextMapPropagator } from "@opentelemetry/api";
import { CompositePropagator } from "@opentelemetry/core";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import { createDatadogDestination, type DatadogTraceConfig } from "../datadog/trace-destination.ts";
import type { NewRelicConfig } from "../new-relic/settings.ts";
import { createNewRelicDestination } from "../new-relic/trace-destination.ts";
import { type ResourceConfig, telemetryResource } from "../otlp/resource.ts";
import { createOtlpDestination, type OtlpTraceConfig } from "../otlp/trace-destination.ts";
import type { Logger, RequestTracer } from "../types.ts";
import type { TraceDestination } from "./destination.ts";
import { createRequestTracer } from "./request-tracer.ts";
import { createSampler } from "./sampler.ts";
import { createTraceIds } from "./trace-ids.ts";

export type TracingConfig = OtlpTraceConfig &
  DatadogTraceConfig &
  NewRelicConfig &
  ResourceConfig &
  Pick<Config, "openTelemetryEnable" | "openTelemetryTraceIdGenerator" | "otelTracesSampler" | "otelTracesSamplerArg">;

export type TracingParts = {
  readonly version: string;
  /** Which process of the server this is; undefined = the only one. */
  readonly instance?: string | undefined;
  /** Hears of exports that fail. */
  readonly logger: Logger;
};

export type Tracing = {
  readonly tracer: RequestTracer;
  /** Sends what has been gathered. */
  close(): Promise<void>;
};

/** Follows requests for every tracing system that is turned on. Throws `AppError("config")` for settings that cannot be meant. */
export async function startTracing(config: TracingConfig, parts: TracingParts): Promise<Tracing> {
  const destinations: TraceDestination[] = [];
  if (config.openTelemetryEnable) destinations.push(await createOtlpDestination(config, parts.logger));
  if (config.newRelicKey !== "") destinations.push(await createNewRelicDestination(config, parts));
  if (config.datadogEnable) destinations.push(createDatadogDestination(config, parts));
  const provider = new TracerProvider({
    resource: telemetryResource(config, parts.version, parts.instance),
    sampler: createSampler(config.otelTracesSampler, config.otelTracesSamplerArg),
    idGenerator: createTraceIds(traceIdKind(config.openTelemetryTraceIdGenerator)),
    spanProcessors: destinations.map(
      ({ exporter, delayMs }) => new BatchSpanProcessor({ exporter, scheduledDelayMillis: delayMs }),
    ),
  });
  const passed = destinations.filter(({ isPassedToSources }) => isPassedToSources);
  return {
    tracer: createRequestTracer({
      tracer: provider.getTracer("imgproxy", parts.version),
      incoming: joined(destinations),
      outgoing: passed.length === 0 ? undefined : joined(passed),
    }),
    close: () => provider.shutdown(),
  };
}

function joined(destinations: readonly TraceDestination[]): TextMapPropagator {
  return new CompositePropagator({ propagators: destinations.map(({ propagator }) => propagator) });
}

function traceIdKind(text: string): "xray" | "random" {
  if (text === "xray" || text === "random") return text;
  throw new AppError("config", `IMGPROXY_OPEN_TELEMETRY_TRACE_ID_GENERATOR="${text}" must be xray or random.`);
}
