import {
  type Attributes,
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { messageOf } from "../../errors.ts";
import type {
  LogFields,
  LogValue,
  RequestSpan,
  RequestTracer,
  StageSpan,
  TracedOutcome,
  TracedRequest,
} from "../types.ts";

export type RequestTracerParts = {
  readonly tracer: Tracer;
  /** Reads the trace that a client's request belongs to. */
  readonly incoming: TextMapPropagator;
  /** Writes the trace into requests to sources; undefined when these are not to know of it. */
  readonly outgoing: TextMapPropagator | undefined;
};

/** The reference's name of the span of a request. */
const REQUEST_SPAN = "/request";

/** Follows requests as spans: one for the whole, one a stage below it. */
export function createRequestTracer({ tracer, incoming, outgoing }: RequestTracerParts): RequestTracer {
  return {
    startRequest(request) {
      const parent = incoming.extract(ROOT_CONTEXT, request.headers, FROM_HEADERS);
      const span = tracer.startSpan(
        REQUEST_SPAN,
        { kind: SpanKind.SERVER, attributes: requestAttributes(request) },
        parent,
      );
      const context = trace.setSpan(parent, span);
      const { traceId, spanId } = span.spanContext();
      return {
        traceId,
        spanId,
        startStage: (name) => startStage(tracer.startSpan(name, {}, context), context, outgoing),
        end: (outcome) => endRequest(span, outcome),
      } satisfies RequestSpan;
    },
  };
}

function startStage(span: Span, parent: Context, outgoing: TextMapPropagator | undefined): StageSpan {
  return {
    get sourceHeaders() {
      return outgoing && headersOf(outgoing, trace.setSpan(parent, span));
    },
    end(error) {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: messageOf(error) });
      span.end();
    },
  };
}

function headersOf(propagator: TextMapPropagator, context: Context): Record<string, string> {
  const headers: Record<string, string> = {};
  propagator.inject(context, headers, TO_RECORD);
  return headers;
}

/** Under OpenTelemetry's names for HTTP servers. */
function requestAttributes({ method, target, headers, clientIp, requestId }: TracedRequest): Attributes {
  const [, address, port] = /^(\[[^\]]*\]|[^:]*)(?::(\d+))?$/.exec(headers.get("host") ?? "") ?? [];
  return definedOnly({
    "http.request.method": method,
    "url.path": target.split("?", 1)[0],
    "url.scheme": headers.get("x-forwarded-proto")?.toLowerCase() === "https" ? "https" : "http",
    "server.address": address || undefined,
    "server.port": port === undefined ? undefined : Number(port),
    "client.address": clientIp || undefined,
    "user_agent.original": headers.get("user-agent") ?? undefined,
    "imgproxy.request_id": requestId,
  });
}

function endRequest(span: Span, { status, error, sourceUrl, options }: TracedOutcome): void {
  span.setAttribute("http.response.status_code", status);
  if (sourceUrl !== undefined) {
    span.setAttribute("imgproxy.source_image_url", sourceUrl);
    const origin = /^[^/?#]*:\/\/[^/?#]*/.exec(sourceUrl)?.[0];
    if (origin !== undefined) span.setAttribute("imgproxy.source_image_origin", origin);
  }
  if (options !== undefined) span.setAttributes(flattened("imgproxy.options", options));
  if (error !== undefined) {
    span.addEvent("exception", { "exception.type": error.kind, "exception.message": error.message });
  }
  // What a client has done wrong is no fault of a server: OpenTelemetry leaves the status of such spans unset.
  if (Math.max(status, error?.status ?? 0) >= 500) {
    span.setStatus({ code: SpanStatusCode.ERROR, ...(error === undefined ? {} : { message: error.message }) });
  }
  span.end();
}

/** Groups as names with dots, as the reference writes its options: not every tracing system takes objects. */
function flattened(prefix: string, fields: LogFields): Attributes {
  const flat: Record<string, string | number | boolean> = {};
  const add = (path: string, value: LogValue): void => {
    if (typeof value === "object") for (const [name, inner] of Object.entries(value)) add(`${path}.${name}`, inner);
    else if (value !== undefined) flat[path] = value;
  };
  add(prefix, fields);
  return flat;
}

function definedOnly(attributes: Readonly<Record<string, string | number | undefined>>): Attributes {
  return Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  );
}

const FROM_HEADERS: TextMapGetter<Headers> = {
  keys: (headers) => [...headers.keys()],
  get: (headers, name) => headers.get(name) ?? undefined,
};

const TO_RECORD: TextMapSetter<Record<string, string>> = {
  set(record, name, value) {
    record[name.toLowerCase()] = value;
  },
};
