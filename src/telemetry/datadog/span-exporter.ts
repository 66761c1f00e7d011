import { type HrTime, SpanKind, SpanStatusCode } from "@opentelemetry/api";
import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan, SpanExporter } from "@opentelemetry/sdk-trace";
import { decimal } from "./propagator.ts";

export type DatadogAgent = {
  readonly host: string;
  readonly port: number;
  readonly service: string;
  /** Empty = as the agent has it. */
  readonly env: string;
  readonly version: string;
};

const TIMEOUT_MS = 10_000;

/**
 * Sends spans to the Datadog agent. Its own library would double the executable and rewrites modules while they load; the
 * agent's interface for JSON is documented ("Send traces to the Agent by API") and all that is needed.
 */
export class DatadogSpanExporter implements SpanExporter {
  readonly #agent: DatadogAgent;
  readonly #url: string;
  readonly #inFlight = new Set<Promise<void>>();

  constructor(agent: DatadogAgent) {
    this.#agent = agent;
    const host = agent.host.includes(":") ? `[${agent.host}]` : agent.host;
    this.#url = `http://${host}:${agent.port}/v0.3/traces`;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    const sending: Promise<void> = this.#send(spans)
      .then(
        () => done({ code: ExportResultCode.SUCCESS }),
        (error: Error) => done({ code: ExportResultCode.FAILED, error }),
      )
      .finally(() => this.#inFlight.delete(sending));
    this.#inFlight.add(sending);
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.#inFlight);
  }

  shutdown(): Promise<void> {
    return this.forceFlush();
  }

  async #send(spans: readonly ReadableSpan[]): Promise<void> {
    const traces = Map.groupBy(spans, (span) => span.spanContext().traceId);
    const body = [...traces.values()].map((trace) => trace.map((span) => toDatadog(span, this.#agent)));
    const response = await fetch(this.#url, {
      method: "PUT",
      headers: { "Content-Type": "application/json", "X-Datadog-Trace-Count": String(traces.size) },
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    await response.arrayBuffer();
    if (!response.ok) throw new Error(`the Datadog agent answers with status ${response.status}`);
  }
}

/** A span in Datadog's terms. Ids are numbers of 64 bits, which JSON can carry and JavaScript's numbers cannot. */
function toDatadog(span: ReadableSpan, { service, env, version }: DatadogAgent) {
  const { traceId, spanId } = span.spanContext();
  const isRequest = span.kind === SpanKind.SERVER;
  const hasFailed = span.status.code === SpanStatusCode.ERROR;
  return {
    trace_id: JSON.rawJSON(decimal(traceId.slice(16))),
    span_id: JSON.rawJSON(decimal(spanId)),
    parent_id: JSON.rawJSON(span.parentSpanContext === undefined ? "0" : decimal(span.parentSpanContext.spanId)),
    service,
    name: isRequest ? "request" : span.name,
    resource: isRequest ? "request" : span.name,
    type: isRequest ? "web" : "",
    start: JSON.rawJSON(nanoseconds(span.startTime)),
    duration: JSON.rawJSON(nanoseconds(span.duration)),
    error: hasFailed ? 1 : 0,
    meta: {
      ...texts(span),
      ...(hasFailed ? { "error.message": span.status.message ?? "" } : {}),
      ...(isRequest ? { "_dd.p.tid": traceId.slice(0, 16), "span.kind": "server" } : {}),
      ...(env === "" ? {} : { env }),
      version,
    },
    // A trace that was begun here is to be kept.
    metrics: { ...numbers(span), ...(isRequest ? { _sampling_priority_v1: 1 } : {}) },
  };
}

/** Datadog's own names where it has some. */
const RENAMED: Readonly<Record<string, string>> = {
  "http.request.method": "http.method",
  "http.response.status_code": "http.status_code",
  "url.path": "http.url",
  "user_agent.original": "http.useragent",
};

function texts({ attributes, events }: ReadableSpan): Record<string, string> {
  const entries = Object.entries(attributes).flatMap(([name, value]) => {
    // Statuses are texts at Datadog.
    const isText = typeof value !== "number" || name === "http.response.status_code";
    return isText ? [[RENAMED[name] ?? name, String(value)]] : [];
  });
  const exception = events.find(({ name }) => name === "exception")?.attributes?.["exception.type"];
  return { ...Object.fromEntries(entries), ...(exception === undefined ? {} : { "error.type": String(exception) }) };
}

function numbers({ attributes }: ReadableSpan): Record<string, number> {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      typeof value === "number" && name !== "http.response.status_code" ? [[name, value] as const] : [],
    ),
  );
}

function nanoseconds([seconds, nanos]: HrTime): string {
  return (BigInt(seconds) * 1_000_000_000n + BigInt(Math.round(nanos))).toString();
}
