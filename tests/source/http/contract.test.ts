import { afterAll, beforeAll } from "bun:test";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Source } from "../../../src/source/types.ts";
import { describeSourceContract, type SourceStand } from "../../contract/source-contract.ts";
import { patternBytes } from "../../support/pattern-bytes.ts";
import { httpSource } from "./settings.ts";

const FILES: ReadonlyMap<string, Uint8Array> = new Map([
  ["/small.bin", patternBytes(5000)],
  ["/large.bin", patternBytes(6_000_000)],
]);
const ETAG = '"v1"';
const MODIFIED = "Wed, 01 Jan 2025 00:00:00 GMT";

function isFresh(request: IncomingMessage): boolean {
  const tag = request.headers["if-none-match"];
  const since = request.headers["if-modified-since"];
  return tag === undefined ? since !== undefined && Date.parse(since) >= Date.parse(MODIFIED) : tag === ETAG;
}

/** A well-behaved origin: validators, conditions, ranges. */
function serve(request: IncomingMessage, response: ServerResponse): void {
  const bytes = FILES.get(request.url ?? "");
  if (bytes === undefined) {
    response.writeHead(404, { "content-type": "text/plain" }).end("nothing here");
    return;
  }
  response.setHeader("ETag", ETAG).setHeader("Last-Modified", MODIFIED);
  if (isFresh(request)) {
    response.writeHead(304).end();
    return;
  }
  const range = /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? "");
  const start = range === null ? 0 : Number(range[1]);
  const end = Math.min(range?.[2] ? Number(range[2]) : bytes.length - 1, bytes.length - 1);
  if (start > end) {
    response.writeHead(416, { "content-range": `bytes */${bytes.length}` }).end();
    return;
  }
  if (range !== null) response.setHeader("Content-Range", `bytes ${start}-${end}/${bytes.length}`);
  const piece = bytes.subarray(start, end + 1);
  response.writeHead(range === null ? 200 : 206, { "content-length": piece.length }).end(piece);
}

let server: Server | undefined;
let source: Source | undefined;
let stand: SourceStand | undefined;
let busy = 0;

beforeAll(async () => {
  const origin = createServer((request, response) => {
    busy++;
    response.once("close", () => busy--);
    serve(request, response);
  });
  await new Promise<void>((resolve) => origin.listen(0, "127.0.0.1", resolve));
  const address = origin.address();
  const base = `http://127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  const object = (path: string) => ({ url: base + path, bytes: FILES.get(path) ?? new Uint8Array(0) });
  server = origin;
  source = httpSource();
  stand = {
    source,
    small: object("/small.bin"),
    large: object("/large.bin"),
    missingUrl: `${base}/missing.bin`,
    openBodies: () => busy,
  };
});

afterAll(() => {
  source?.close?.();
  server?.closeAllConnections();
  server?.close();
});

describeSourceContract("http", () => {
  if (stand === undefined) throw new Error("not started");
  return stand;
});
