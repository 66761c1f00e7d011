import {
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  TraceFlags,
  trace,
} from "@opentelemetry/api";

const TRACE_ID = "x-datadog-trace-id";
const PARENT_ID = "x-datadog-parent-id";
const PRIORITY = "x-datadog-sampling-priority";
const TAGS = "x-datadog-tags";

/**
 * Datadog's own headers: ids are decimal, of a trace's only the lower half, whose upper half stands among the tags.
 * Source: Datadog's documentation of trace context propagation.
 */
export class DatadogPropagator implements TextMapPropagator {
  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    const span = trace.getSpanContext(context);
    if (span === undefined || !trace.isSpanContextValid(span)) return;
    setter.set(carrier, TRACE_ID, decimal(span.traceId.slice(16)));
    setter.set(carrier, PARENT_ID, decimal(span.spanId));
    setter.set(carrier, PRIORITY, (span.traceFlags & TraceFlags.SAMPLED) === 0 ? "0" : "1");
    setter.set(carrier, TAGS, `_dd.p.tid=${span.traceId.slice(0, 16)}`);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const read = (name: string) => [getter.get(carrier, name)].flat()[0];
    const lower = hexadecimal(read(TRACE_ID));
    const spanId = hexadecimal(read(PARENT_ID));
    if (lower === undefined || spanId === undefined) return context;
    const upper = /(?:^|,)_dd\.p\.tid=([0-9a-f]{16})(?:,|$)/.exec(read(TAGS) ?? "")?.[1] ?? "0".repeat(16);
    const isSampled = Number(read(PRIORITY) ?? 1) > 0;
    const span: SpanContext = {
      traceId: upper + lower,
      spanId,
      traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE,
      isRemote: true,
    };
    return trace.isSpanContextValid(span) ? trace.setSpanContext(context, span) : context;
  }

  fields(): string[] {
    return [TRACE_ID, PARENT_ID, PRIORITY, TAGS];
  }
}

/** Of 16 hexadecimal digits. */
export function decimal(hex: string): string {
  return BigInt(`0x${hex}`).toString();
}

function hexadecimal(text: string | undefined): string | undefined {
  if (text === undefined || !/^\d{1,20}$/.test(text)) return undefined;
  const hex = BigInt(text).toString(16).padStart(16, "0");
  return hex.length === 16 ? hex : undefined;
}
