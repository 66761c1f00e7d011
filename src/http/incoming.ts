import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { BareRequest } from "./answers-at-once.ts";

/** A request as it came, before anything is made of it. */
export type Incoming = {
  readonly method: string;
  /** Byte for byte, read as UTF-8. */
  readonly target: string;
  readonly headers: Headers;
  /** Read by whoever wants it; only the playground does. */
  readonly body?: AsyncIterable<Uint8Array>;
};

/** A parsed message as it is. */
export function bareRequest(message: IncomingMessage): BareRequest {
  const { headers } = message;
  return {
    method: message.method ?? "GET",
    target: message.url ?? "/",
    headers: {
      get(name) {
        const value = headers[name];
        return value === undefined ? null : Array.isArray(value) ? value.join(", ") : value;
      },
    },
    peerAddress: peerAddress(message.socket),
  };
}

/** The address of the socket's other end, IPv4 as such. */
export function peerAddress({ remoteAddress = "" }: Socket): string {
  return remoteAddress.replace(/^::ffff:/, "");
}

/** Reads a parsed message. */
export function fromMessage(message: IncomingMessage): Incoming {
  const headers = new Headers();
  for (const [name, value] of Object.entries(message.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  return { method: message.method ?? "GET", target: message.url ?? "/", headers, body: message };
}

/** Request line of a GET, HEAD or OPTIONS whose target has raw non-ASCII bytes and nothing worse. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is excluded
const UNENCODED = /^(GET|HEAD|OPTIONS) ([^\u0000-\u0020\u007f]*[\u0080-\u00ff][^\u0000-\u0020\u007f]*) HTTP\/1\.[01]$/;
const HEADER = /^([\w!#$%&'*+.^`|~-]+):[ \t]*(.*)$/;

/**
 * Reads a request that the HTTP parser refuses for nothing but raw UTF-8 in its target, which browsers encode, some
 * clients do not, and the reference takes. Undefined unless the packet is one whole request without a body.
 */
export function fromRefusedPacket(packet: Buffer): Incoming | undefined {
  const text = packet.toString("latin1");
  if (text.indexOf("\r\n\r\n") !== text.length - 4) return undefined;
  const [requestLine = "", ...lines] = text.slice(0, -4).split("\r\n");
  const [, method, target] = UNENCODED.exec(requestLine) ?? [];
  const headers = readHeaders(lines);
  if (method === undefined || target === undefined || headers === undefined) return undefined;
  return { method, target: Buffer.from(target, "latin1").toString("utf8"), headers };
}

function readHeaders(lines: readonly string[]): Headers | undefined {
  const headers = new Headers();
  for (const line of lines) {
    const [, name, value] = HEADER.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    headers.append(name, value);
  }
  const hasBody = headers.has("content-length") || headers.has("transfer-encoding");
  return hasBody || !headers.has("host") ? undefined : headers;
}

/**
 * The `Request` that an app sees. Its URL is for routers and plugins only: ours goes by the raw target. It has no signal, which would
 * cost more than the rest of it: the exchange says when the client leaves.
 */
export function toRequest({ method, target, headers }: Incoming): Request {
  // Request refuses methods such as TRACE, and a GET with a body is nothing to us.
  const init = { method: method === "GET" || method === "HEAD" ? method : "OPTIONS", headers };
  try {
    return new Request(`http://localhost${target.startsWith("/") ? target : "/"}`, init);
  } catch {
    return new Request("http://localhost/", init);
  }
}
