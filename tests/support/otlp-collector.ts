/** Collectors that receive OTLP over HTTP or gRPC on the loopback interface and keep what comes. */
import { createServer, type IncomingHttpHeaders } from "node:http";
import { createServer as createHttp2Server, createSecureServer, type ServerHttp2Stream } from "node:http2";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import {
  decodeLogs,
  decodeMetrics,
  decodeTraces,
  type ReceivedMetric,
  type ReceivedRecord,
  type ReceivedSpan,
} from "./otlp-messages.ts";

export type Tls = { readonly cert: string; readonly key: string; readonly ca?: string; readonly requestCert?: boolean };

export class OtlpCollector implements AsyncDisposable {
  readonly spans: ReceivedSpan[] = [];
  /** The latest of each name. */
  readonly metrics = new Map<string, ReceivedMetric>();
  readonly records: ReceivedRecord[] = [];
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders }[] = [];
  /** Answers with this status instead of taking anything. */
  refusesWith: number | undefined;
  url = "";
  #close: () => Promise<void> = async () => undefined;

  /** OTLP over HTTP with protobuf bodies, with TLS where a certificate is given. */
  static async overHttp(tls?: Tls): Promise<OtlpCollector> {
    const collector = new OtlpCollector();
    const listener: Parameters<typeof createServer>[1] = async (incoming, outgoing) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const body = Buffer.concat(chunks);
      const status = collector.#take(incoming.url ?? "", incoming.headers, body);
      outgoing.writeHead(status, { "content-type": "application/x-protobuf" }).end();
    };
    const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    collector.url = urlOf(server.address(), tls);
    collector.#close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return collector;
  }

  /** OTLP over gRPC, with TLS where a certificate is given. */
  static async overGrpc(tls?: Tls): Promise<OtlpCollector> {
    const collector = new OtlpCollector();
    const server = tls === undefined ? createHttp2Server() : createSecureServer(tls);
    server.on("stream", (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => {
      const chunks: Uint8Array[] = [];
      stream.on("data", (chunk: Uint8Array) => chunks.push(chunk));
      stream.on("end", () => {
        const message = Buffer.concat(chunks).subarray(5);
        const path = String((headers as Record<string, unknown>)[":path"]);
        const status = collector.#take(path, headers, message);
        stream.respond({ ":status": 200, "content-type": "application/grpc" }, { waitForTrailers: true });
        // 0 = OK, 7 = PERMISSION_DENIED.
        stream.on("wantTrailers", () => stream.sendTrailers({ "grpc-status": status === 200 ? "0" : "7" }));
        stream.end(status === 200 ? Buffer.alloc(5) : undefined);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    collector.url = urlOf(server.address(), tls);
    collector.#close = async () => void server.close();
    return collector;
  }

  /** Waits until something is true of what has come. */
  async until(isThere: (collector: OtlpCollector) => boolean, timeoutMs = 10_000): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (!isThere(this)) {
      if (Date.now() > deadline) throw new Error("the collector did not receive it");
      await Bun.sleep(10);
    }
  }

  span(name: string): ReceivedSpan {
    const span = this.spans.find((candidate) => candidate.name === name);
    if (span === undefined) throw new Error(`no span ${name} among ${this.spans.map((one) => one.name).join(", ")}`);
    return span;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }

  #take(path: string, headers: IncomingHttpHeaders, raw: Buffer): number {
    this.requests.push({ path, headers });
    if (this.refusesWith !== undefined) return this.refusesWith;
    const body = headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
    if (/trace/i.test(path)) this.spans.push(...decodeTraces(body));
    else if (/metrics/i.test(path)) for (const metric of decodeMetrics(body)) this.metrics.set(metric.name, metric);
    else if (/logs/i.test(path)) this.records.push(...decodeLogs(body));
    else return 404;
    return 200;
  }
}

/** By name, as gRPC needs it for TLS. */
function urlOf(address: AddressInfo | string | null, tls: Tls | undefined): string {
  if (typeof address !== "object" || address === null) throw new Error("not listening");
  return tls === undefined ? `http://127.0.0.1:${address.port}` : `https://localhost:${address.port}`;
}
