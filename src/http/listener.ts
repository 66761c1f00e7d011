import { createServer, IncomingMessage, type Server, ServerResponse } from "node:http";
import { Socket } from "node:net";
import type { Duplex } from "node:stream";
import type { Logger } from "../telemetry/types.ts";
import type { AnswersAtOnce } from "./answers-at-once.ts";
import { createClientLimit } from "./client-limit.ts";
import type { Edge, Exchange, SendOutcome, WholeAnswer } from "./edge.ts";
import { bareRequest, fromMessage, fromRefusedPacket, type Incoming, peerAddress, toRequest } from "./incoming.ts";
import { cutConnection, sendReady, sendResponse } from "./send-response.ts";

/** The part of an app that the listener needs: Elysia's, or any other of the web's shape. */
export type FetchApp = {
  fetch(request: Request): Response | Promise<Response>;
  /** Answers that are known beforehand, for requests as they came. */
  readonly answerAtOnce?: AnswersAtOnce["answer"] | undefined;
};

export type ListenerSettings = {
  readonly readRequestTimeoutSeconds: number;
  readonly writeResponseTimeoutSeconds: number;
  /** 0 closes a connection after each answer. */
  readonly keepAliveTimeoutSeconds: number;
  /** Connections served at a time; 0 = no limit. */
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

const SWEEP_MS = 50;

/**
 * The serving edge on `node:http`. `Bun.serve` would be faster by some twenty microseconds a request, but it normalises
 * the target (`..`, `\`, `^`), which breaks signatures; sets no limit to a request that trickles in; counts the time of an
 * answer in work as idle; refuses heads above 16 KiB; and drops the length of a streamed body (all seen in Bun 1.4.5).
 */
export function createListener({ app, edge, settings, logger }: ListenerParts): Listener {
  let current = app;
  let isStopping = false;
  const clients = createClientLimit(settings.maxClients);

  async function answer(incoming: Incoming, socket: Socket, outgoing: ServerResponse): Promise<void> {
    const onGone = watchLeaving(outgoing);
    if (!clients.isServed(socket)) await clients.turnOf(socket);
    const { promise: sent, resolve: settle } = Promise.withResolvers<SendOutcome>();
    const request = toRequest(incoming);
    const taken: { answer?: WholeAnswer } = {};
    const take = (answer: WholeAnswer) => {
      taken.answer = answer;
    };
    edge.attach(request, {
      ...incoming,
      peerAddress: peerAddress(socket),
      onGone,
      sent,
      take,
    });
    try {
      const response = await current.fetch(request);
      if (isStopping || settings.keepAliveTimeoutSeconds === 0) outgoing.shouldKeepAlive = false;
      const timeoutMs = settings.writeResponseTimeoutSeconds * 1000;
      if (taken.answer === undefined) settle(await sendResponse(response, outgoing, timeoutMs));
      else sendReady({ ...taken.answer, finish: settle }, outgoing, timeoutMs);
    } catch (error) {
      settle("body_failed");
      throw error;
    }
  }

  /** Sends what needs no work, before anything is made of the request. False when it is to go the whole way. */
  function answerAtOnce(message: IncomingMessage, outgoing: ServerResponse): boolean {
    if (current.answerAtOnce === undefined || !clients.isServed(message.socket)) return false;
    const ready = current.answerAtOnce(bareRequest(message));
    if (ready === undefined) return false;
    if (isStopping || settings.keepAliveTimeoutSeconds === 0) outgoing.shouldKeepAlive = false;
    sendReady(ready, outgoing, settings.writeResponseTimeoutSeconds * 1000);
    return true;
  }

  /** A request that cannot be answered is the listener's fault, or the app's: both are bugs, and neither ends the server. */
  function giveUp(error: unknown, outgoing: ServerResponse): void {
    logger.log("error", `Cannot answer a request: ${String(error)}`, { source: "http_server" });
    cutConnection(outgoing);
  }

  function answerMessage(message: IncomingMessage, outgoing: ServerResponse): void {
    const fail = (error: unknown) => giveUp(error, outgoing);
    try {
      if (!answerAtOnce(message, outgoing)) answer(fromMessage(message), message.socket, outgoing).catch(fail);
    } catch (error) {
      fail(error);
    }
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
    (message, outgoing) => {
      if (message.httpVersion === "1.1" && message.headers.host === undefined) {
        refuse(message.socket, "400 Bad Request", ": missing required Host header");
      } else answerMessage(message, outgoing);
    },
  );
  server.on("connection", (socket: Socket) => clients.add(socket));
  server.on("clientError", (error: ClientError, socket) => {
    const rescued = socket instanceof Socket && error.code === "HPE_INVALID_URL" ? rescue(error, socket) : undefined;
    if (rescued === undefined) refuseMalformed(error, socket);
    else {
      const { incoming, socket: rescuedSocket, outgoing } = rescued;
      answer(incoming, rescuedSocket, outgoing).catch((fault: unknown) => giveUp(fault, outgoing));
    }
  });
  if (settings.maxClients > 0) server.maxConnections = settings.maxClients * 2;

  return {
    listen: (address) => listen(server, address),
    replaceApp(next) {
      current = next;
    },
    async stop(graceSeconds) {
      isStopping = true;
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      // Again and again: an answer that began before the stop leaves an idle connection behind.
      const sweep = setInterval(() => server.closeIdleConnections(), SWEEP_MS);
      server.closeIdleConnections();
      const cut = setTimeout(() => server.closeAllConnections(), graceSeconds * 1000);
      await closed;
      clearTimeout(cut);
      clearInterval(sweep);
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

/** Tells a listener when the client leaves before it has the answer. */
function watchLeaving(outgoing: ServerResponse): Exchange["onGone"] {
  let hasLeft = false;
  let tell: (() => void) | undefined;
  outgoing.once("close", () => {
    if (outgoing.writableFinished) return;
    hasLeft = true;
    tell?.();
  });
  return (listener) => {
    tell = listener;
    if (hasLeft) listener();
  };
}

type ClientError = Error & { readonly code?: string; readonly rawPacket?: Buffer };

/** The parser has given up on the connection, so the answer is written to its socket, which then closes. */
function rescue({ rawPacket }: ClientError, socket: Socket) {
  const incoming = rawPacket === undefined ? undefined : fromRefusedPacket(rawPacket);
  if (incoming === undefined) return undefined;
  const message = new IncomingMessage(socket);
  Object.assign(message, { method: incoming.method, httpVersionMajor: 1, httpVersionMinor: 1 });
  const outgoing = new ServerResponse(message);
  outgoing.shouldKeepAlive = false;
  outgoing.assignSocket(socket);
  outgoing.once("finish", () => socket.end());
  return { incoming, socket, outgoing };
}

/** What is no HTTP gets the short answer of an HTTP layer, or none when its time is over. */
function refuseMalformed(error: ClientError, socket: Duplex): void {
  const isOver = error.code === "ERR_HTTP_REQUEST_TIMEOUT" || error.code === "ECONNRESET";
  if (isOver || !socket.writable) socket.destroy();
  else if (error.code === "HPE_HEADER_OVERFLOW") refuse(socket, "431 Request Header Fields Too Large");
  else refuse(socket, "400 Bad Request");
}

function refuse(socket: Duplex, status: string, reason = ""): void {
  const text = status + reason;
  const head = `HTTP/1.1 ${status}\r\nContent-Type: text/plain; charset=utf-8\r\nConnection: close\r\n`;
  socket.end(`${head}Content-Length: ${text.length}\r\n\r\n${text}`);
}
