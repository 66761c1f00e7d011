import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import type { Logger } from "../telemetry/types.ts";
import type { Edge, SendOutcome } from "./edge.ts";
import { cutConnection, sendResponse } from "./send-response.ts";

/** The part of an app that the listener needs: Elysia's, or any other of the web's shape. */
export type FetchApp = { fetch(request: Request): Response | Promise<Response> };

export type ListenerSettings = {
  readonly readRequestTimeoutSeconds: number;
  readonly writeResponseTimeoutSeconds: number;
  /** 0 closes a connection after each answer. */
  readonly keepAliveTimeoutSeconds: number;
  /** Connections at a time; 0 = no limit. */
  readonly maxClients: number;
};

export type ListenerParts = {
  readonly app: FetchApp;
  readonly edge: Edge;
  readonly settings: ListenerSettings;
  readonly logger: Logger;
};

export type ListenAddress =
  | { readonly path: string }
  | { readonly host?: string; readonly port: number; readonly ipv6Only?: boolean; readonly reusePort?: boolean };

/** A listening HTTP/1.1 server in front of an app. */
export interface Listener {
  /** Resolves with the port (0 for a Unix socket); rejects when the address cannot be bound. */
  listen(address: ListenAddress): Promise<number>;
  /** From the next request on, another app answers; requests in work end with the one they began with. */
  replaceApp(app: FetchApp): void;
  /** Takes no further connections, lets running requests finish for so long, and cuts what is left. */
  stop(graceSeconds: number): Promise<void>;
}

/** Request line and headers together, as the reference accepts: signed URLs may be long. */
const MAX_HEAD_BYTES = 1024 * 1024 + 4096;

/**
 * The serving edge on `node:http`. `Bun.serve` would be faster by some twenty microseconds a request, but it normalises the
 * target (`..`, `\`, `^`), which breaks signatures; has no limit for a request that trickles in; counts the time of an
 * answer in work as idle; refuses heads above 16 KiB; and drops the length of a streamed body (all seen in Bun 1.4.5).
 */
export function createListener({ app, edge, settings, logger }: ListenerParts): Listener {
  let current = app;
  const running = new Set<ServerResponse>();
  let isStopping = false;

  async function answer(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    running.add(outgoing);
    const gone = new AbortController();
    outgoing.on("close", () => {
      running.delete(outgoing);
      if (!outgoing.writableFinished) gone.abort();
    });
    const { promise: sent, resolve: settle } = Promise.withResolvers<SendOutcome>();
    const request = toRequest(incoming, gone.signal);
    edge.attach(request, {
      method: incoming.method ?? "GET",
      target: incoming.url ?? "/",
      peerAddress: peerAddress(incoming),
      sent,
    });
    const response = await current.fetch(request);
    if (isStopping || settings.keepAliveTimeoutSeconds === 0) outgoing.shouldKeepAlive = false;
    settle(await sendResponse(response, outgoing, settings.writeResponseTimeoutSeconds * 1000));
  }

  const server = createServer(
    {
      maxHeaderSize: MAX_HEAD_BYTES,
      headersTimeout: settings.readRequestTimeoutSeconds * 1000,
      requestTimeout: settings.readRequestTimeoutSeconds * 1000,
      keepAliveTimeout: settings.keepAliveTimeoutSeconds * 1000,
      connectionsCheckingInterval: 500,
      requireHostHeader: false,
    },
    (incoming, outgoing) => {
      answer(incoming, outgoing).catch((error: unknown) => {
        logger.log("error", `Cannot answer: ${String(error)}`, { source: "http_server" });
        cutConnection(outgoing);
      });
    },
  );
  server.on("clientError", refuseMalformed);
  if (settings.maxClients > 0) server.maxConnections = settings.maxClients;

  return {
    listen: (address) => listen(server, address),
    replaceApp(next) {
      current = next;
    },
    async stop(graceSeconds) {
      isStopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await closed;
      clearTimeout(cut);
    },
  };
}

function listen(server: Server, address: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(address, () => {
      server.off("error", reject);
      const bound = server.address();
      resolve(typeof bound === "object" && bound !== null ? bound.port : 0);
    });
  });
}

/** The URL is for Elysia's router and its plugins only: ours goes by the raw target. */
function toRequest(incoming: IncomingMessage, signal: AbortSignal): Request {
  const target = incoming.url ?? "/";
  const url = `http://localhost${target.startsWith("/") ? target : "/"}`;
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(", ") : value);
  }
  const method = incoming.method === "GET" || incoming.method === "HEAD" ? incoming.method : "OPTIONS";
  return new Request(url, { method, headers, signal });
}

function peerAddress(incoming: IncomingMessage): string {
  return (incoming.socket.remoteAddress ?? "").replace(/^::ffff:/, "");
}

/** A request that is not HTTP gets the short answer of an HTTP layer, or none when its time is over. */
function refuseMalformed(error: Error & { code?: string }, socket: Duplex): void {
  if (!socket.writable || error.code === "ERR_HTTP_REQUEST_TIMEOUT" || error.code === "ECONNRESET") {
    socket.destroy();
    return;
  }
  const text = error.code === "HPE_HEADER_OVERFLOW" ? "431 Request Header Fields Too Large" : "400 Bad Request";
  const head = `HTTP/1.1 ${text}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${text.length}\r\n\r\n${text}`);
}
