import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { createTraceExporter } from "../otlp/exporters.ts";
import { watchExports } from "../otlp/watch-exports.ts";
import type { TraceDestination } from "../tracing/destination.ts";
import type { Logger } from "../types.ts";
import { type NewRelicConfig, newRelicResource, newRelicSettings } from "./settings.ts";

const DELAY_MS = 5000;

/** New Relic as a place for spans. */
export async function createNewRelicDestination(
  config: NewRelicConfig,
  { version, logger }: { readonly version: string; readonly logger: Logger },
): Promise<TraceDestination> {
  const exporter = await createTraceExporter(newRelicSettings(config, "traces"));
  return {
    exporter: watchExports(withResource(exporter, newRelicResource(config, version)), "traces to New Relic", logger),
    propagator: new CompositePropagator({ propagators: [new W3CTraceContextPropagator(), new W3CBaggagePropagator()] }),
    isPassedToSources: config.newRelicPropagateExternal,
    delayMs: DELAY_MS,
  };
}

/** Sends spans as another resource's: all destinations share one tracer, but not the names by which they know us. */
function withResource(exporter: SpanExporter, resource: Resource): SpanExporter {
  const renamed = (span: ReadableSpan): ReadableSpan => Object.create(span, { resource: { value: resource } });
  return {
    export: (spans, done) => exporter.export(spans.map(renamed), done),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush === undefined ? {} : { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}
