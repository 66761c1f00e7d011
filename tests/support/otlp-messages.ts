/**
 * The part of OpenTelemetry's protocol that the tests look at, for decoding what a collector receives without the code that
 * encoded it. Field numbers: opentelemetry-proto 1.x.
 */
import { type INamespace, parse, type Type } from "protobufjs";

const PROTOCOL = `
syntax = "proto3";
message AnyValue { oneof value { string string_value = 1; bool bool_value = 2; int64 int_value = 3; double double_value = 4;
  ArrayValue array_value = 5; KeyValueList kvlist_value = 6; bytes bytes_value = 7; } }
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue { string key = 1; AnyValue value = 2; }
message Resource { repeated KeyValue attributes = 1; }
message Scope { string name = 1; string version = 2; }

message Status { string message = 2; int32 code = 3; }
message Event { fixed64 time_unix_nano = 1; string name = 2; repeated KeyValue attributes = 3; }
message Span { bytes trace_id = 1; bytes span_id = 2; string trace_state = 3; bytes parent_span_id = 4; string name = 5;
  int32 kind = 6; fixed64 start_time_unix_nano = 7; fixed64 end_time_unix_nano = 8; repeated KeyValue attributes = 9;
  repeated Event events = 11; Status status = 15; }
message ScopeSpans { Scope scope = 1; repeated Span items = 2; }
message ResourceSpans { Resource resource = 1; repeated ScopeSpans scopes = 2; }
message Traces { repeated ResourceSpans resources = 1; }

message NumberPoint { oneof value { double as_double = 4; sfixed64 as_int = 6; } repeated KeyValue attributes = 7; }
message HistogramPoint { fixed64 count = 4; double sum = 5; repeated fixed64 bucket_counts = 6;
  repeated double explicit_bounds = 7; repeated KeyValue attributes = 9; }
message Gauge { repeated NumberPoint data_points = 1; }
message Sum { repeated NumberPoint data_points = 1; int32 aggregation_temporality = 2; bool is_monotonic = 3; }
message Histogram { repeated HistogramPoint data_points = 1; int32 aggregation_temporality = 2; }
message Metric { string name = 1; string description = 2; string unit = 3;
  oneof data { Gauge gauge = 5; Sum sum = 7; Histogram histogram = 9; } }
message ScopeMetrics { Scope scope = 1; repeated Metric items = 2; }
message ResourceMetrics { Resource resource = 1; repeated ScopeMetrics scopes = 2; }
message Metrics { repeated ResourceMetrics resources = 1; }

message LogRecord { int32 severity_number = 2; string severity_text = 3; AnyValue body = 5; repeated KeyValue attributes = 6;
  bytes trace_id = 9; bytes span_id = 10; }
message ScopeLogs { Scope scope = 1; repeated LogRecord items = 2; }
message ResourceLogs { Resource resource = 1; repeated ScopeLogs scopes = 2; }
message Logs { repeated ResourceLogs resources = 1; }
`;

const root = parse(PROTOCOL, { keepCase: false }).root;
const messageType = (name: string): Type => root.lookupType(name);

type AnyValue = {
  stringValue?: string;
  boolValue?: boolean;
  intValue?: string;
  doubleValue?: number;
  kvlistValue?: { values?: KeyValue[] };
};
type KeyValue = { key: string; value?: AnyValue };
type Batch<Item> = {
  resources?: { resource?: { attributes?: KeyValue[] }; scopes?: { scope: { name: string }; items?: Item[] }[] }[];
};

export type ReceivedSpan = {
  readonly name: string;
  /** 2 = server, 1 = internal. */
  readonly kind: number;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly events: readonly { readonly name: string; readonly attributes: Readonly<Record<string, unknown>> }[];
  /** 0 = unset, 2 = error. */
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly resource: Readonly<Record<string, unknown>>;
};

export type ReceivedPoint = {
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly value?: number;
  readonly count?: number;
  readonly sum?: number;
  readonly bucketCounts?: readonly number[];
  readonly bounds?: readonly number[];
};

export type ReceivedMetric = {
  readonly name: string;
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "histogram";
  readonly points: readonly ReceivedPoint[];
  readonly resource: Readonly<Record<string, unknown>>;
};

export type ReceivedRecord = {
  readonly severityNumber: number;
  readonly severityText: string;
  readonly body: unknown;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly traceId: string;
  readonly spanId: string;
  readonly scope: string;
  readonly resource: Readonly<Record<string, unknown>>;
};

export function decodeTraces(bytes: Uint8Array): ReceivedSpan[] {
  type Wire = {
    name: string;
    kind: number;
    traceId: string;
    spanId: string;
    parentSpanId?: string;
    startTimeUnixNano: string;
    endTimeUnixNano: string;
    attributes?: KeyValue[];
    events?: { name: string; attributes?: KeyValue[] }[];
    status?: { code?: number; message?: string };
  };
  return itemsOf<Wire>("Traces", bytes).map(({ item, resource }) => ({
    name: item.name,
    kind: item.kind,
    traceId: hex(item.traceId),
    spanId: hex(item.spanId),
    parentSpanId: hex(item.parentSpanId),
    startMs: Number(item.startTimeUnixNano) / 1e6,
    endMs: Number(item.endTimeUnixNano) / 1e6,
    attributes: record(item.attributes),
    events: (item.events ?? []).map(({ name, attributes }) => ({ name, attributes: record(attributes) })),
    statusCode: item.status?.code ?? 0,
    statusMessage: item.status?.message ?? "",
    resource,
  }));
}

export function decodeMetrics(bytes: Uint8Array): ReceivedMetric[] {
  type WirePoint = {
    attributes?: KeyValue[];
    asDouble?: number;
    asInt?: string;
    count?: string;
    sum?: number;
    bucketCounts?: string[];
    explicitBounds?: number[];
  };
  type Wire = { name: string; unit?: string } & Partial<
    Record<"gauge" | "sum" | "histogram", { dataPoints?: WirePoint[] }>
  >;
  return itemsOf<Wire>("Metrics", bytes).map(({ item, resource }) => {
    const kind = item.gauge ? "gauge" : item.sum ? "sum" : "histogram";
    const points = (item[kind]?.dataPoints ?? []).map((point) =>
      kind === "histogram"
        ? {
            attributes: record(point.attributes),
            count: Number(point.count),
            sum: point.sum ?? 0,
            bucketCounts: (point.bucketCounts ?? []).map(Number),
            bounds: point.explicitBounds ?? [],
          }
        : { attributes: record(point.attributes), value: Number(point.asDouble ?? point.asInt ?? 0) },
    );
    return { name: item.name, unit: item.unit ?? "", kind, points, resource };
  });
}

export function decodeLogs(bytes: Uint8Array): ReceivedRecord[] {
  type Wire = {
    severityNumber: number;
    severityText: string;
    body?: AnyValue;
    attributes?: KeyValue[];
    traceId?: string;
    spanId?: string;
  };
  return itemsOf<Wire>("Logs", bytes).map(({ item, resource, scope }) => ({
    severityNumber: item.severityNumber,
    severityText: item.severityText,
    body: plain(item.body),
    attributes: record(item.attributes),
    traceId: hex(item.traceId),
    spanId: hex(item.spanId),
    scope,
    resource,
  }));
}

function itemsOf<Item>(name: string, bytes: Uint8Array) {
  const type = messageType(name);
  // The protocol above says what comes out.
  const batch = type.toObject(type.decode(bytes), { longs: String, bytes: String }) as Batch<Item> & INamespace;
  return (batch.resources ?? []).flatMap(({ resource, scopes = [] }) =>
    scopes.flatMap(({ scope, items = [] }) =>
      items.map((item) => ({ item, scope: scope.name, resource: record(resource?.attributes) })),
    ),
  );
}

function record(pairs: readonly KeyValue[] = []): Record<string, unknown> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, plain(value)]));
}

function plain(value: AnyValue = {}): unknown {
  if (value.kvlistValue !== undefined) return record(value.kvlistValue.values);
  if (value.intValue !== undefined) return Number(value.intValue);
  return value.stringValue ?? value.boolValue ?? value.doubleValue;
}

/** protobufjs hands bytes out as base64. */
function hex(base64 = ""): string {
  return Buffer.from(base64, "base64").toString("hex");
}
