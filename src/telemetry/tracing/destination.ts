import type { TextMapPropagator } from "@opentelemetry/api";
import type { SpanExporter } from "@opentelemetry/sdk-trace";

/** A tracing system that spans go to. */
export type TraceDestination = {
  readonly exporter: SpanExporter;
  /** Its way to write a trace into headers. */
  readonly propagator: TextMapPropagator;
  /** Whether requests to sources carry that. */
  readonly isPassedToSources: boolean;
  /** Milliseconds that spans are gathered for. */
  readonly delayMs: number;
};
