import type { Exchange } from "./edge.ts";

/** Headers; of equal names the last one counts. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

/** What a handler answers, before the headers that every answer has. */
export type Answer = {
  readonly status: number;
  readonly headers: HeaderList;
  readonly body: Uint8Array | string | ReadableStream<Uint8Array> | null;
};

/** A short text. The reference sends no charset, and clients compare. */
export function textAnswer(status: number, text: string, headers: HeaderList = []): Answer {
  return { status, headers: [["Content-Type", "text/plain"], ...headers], body: text };
}

/** Headers that every answer has: the last ones replace any others of the same name. */
export type Common = { readonly first: HeaderList; readonly last: HeaderList };

/** Statuses whose answers end with their headers (RFC 9110, section 6.4.1); `Response` refuses a body for them. */
const WITHOUT_BODY = new Set([204, 205, 304]);

/**
 * The answer as a web `Response`, with its length wherever that is known. A status below 200, which IMGPROXY_FALLBACK_IMAGE_HTTP_CODE
 * may be, is none that ends an exchange and becomes 200. An answer of whole bytes goes to `take` where there is one, and an empty
 * `Response` comes back.
 */
export function toResponse(
  { status, headers, body }: Answer,
  common: Common,
  { method, take }: Pick<Exchange, "method" | "take">,
): Response {
  const final = Math.max(status, 200);
  if (take !== undefined && body instanceof Uint8Array && method !== "HEAD" && !WITHOUT_BODY.has(final)) {
    take({ status: final, headers: recordOf([common.first, headers, common.last], body.byteLength), body });
    return new Response(null);
  }
  const all = new Headers();
  for (const [name, value] of [...common.first, ...headers, ...common.last]) all.set(name, value);
  if (WITHOUT_BODY.has(final)) return new Response(null, { status: final, headers: all });
  const length = byteLength(body);
  if (length !== undefined) all.set("Content-Length", String(length));
  // A HEAD answer has the headers of the answer it stands for, and nothing else.
  return new Response(method === "HEAD" ? null : asBodyInit(body), { status: final, headers: all });
}

/** Headers as a record, of equal names the last one; `length` is that of the body. */
function recordOf(lists: readonly HeaderList[], length: number): Readonly<Record<string, string>> {
  const record: Record<string, string> = {};
  for (const list of lists) for (const [name, value] of list) record[name.toLowerCase()] = value;
  record["content-length"] = String(length);
  return record;
}

function byteLength(body: Answer["body"]): number | undefined {
  if (typeof body === "string") return Buffer.byteLength(body);
  return body instanceof Uint8Array ? body.byteLength : undefined;
}

function asBodyInit(body: Answer["body"]): BodyInit | null {
  // Images come from sharp as views of plain ArrayBuffers; TypeScript cannot know that none is shared memory.
  return body instanceof Uint8Array ? (body as Uint8Array<ArrayBuffer>) : body;
}
