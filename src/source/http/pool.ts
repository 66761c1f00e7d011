import type { Agent } from "node:http";
import { Socket } from "node:net";
import { TLSSocket } from "node:tls";
import { AppError } from "../../errors.ts";
import type { AddressGuard } from "../guard/address-guard.ts";

export type PoolOptions = {
  readonly keepAlive: boolean;
  /** Milliseconds after which an idle connection is closed. */
  readonly timeout?: number;
};

/** How long the two steps of a new connection may take. */
export type ConnectLimits = { readonly connectMs: number; readonly tlsMs: number };

/** Those of the reference; both lie under the download timeout. */
export const CONNECT_LIMITS: ConnectLimits = { connectMs: 30_000, tlsMs: 10_000 };
/** Idle connections a pool keeps, over all hosts. */
const MAX_IDLE_CONNECTIONS = 100;

/** Destroys the socket unless `event` comes in time. */
function expectEvent(socket: Socket, event: string, limitMs: number): void {
  const timer = setTimeout(() => {
    socket.destroy(new AppError("source_timeout", `source request timed out: no ${event} within ${limitMs / 1000} s`));
  }, limitMs);
  const stop = () => clearTimeout(timer);
  socket.once(event, stop);
  socket.once("close", stop);
}

/** Ends a TLS handshake that takes too long. */
export function limitHandshake(socket: Socket, limits: ConnectLimits): void {
  expectEvent(socket, "secureConnect", limits.tlsMs);
}

/**
 * The last line of defence: before a request is sent, the address at the other end must pass the guard. The lookup has handed out
 * only allowed addresses, so this never fires unless the runtime connects to something else.
 */
function watchConnection(socket: Socket, guard: AddressGuard, limits: ConnectLimits): void {
  expectEvent(socket, "connect", limits.connectMs);
  socket.once("connect", () => {
    const refused = guard(socket.remoteAddress ?? "", socket.remotePort ?? 0);
    if (refused !== undefined) socket.destroy(refused);
    else if (socket instanceof TLSSocket) limitHandshake(socket, limits);
  });
}

function idleConnections(agent: Agent): number {
  return Object.values(agent.freeSockets).reduce((sum, sockets) => sum + (sockets?.length ?? 0), 0);
}

/** Bounds an agent's idle connections and watches each connection it makes; returns the agent. */
export function limitPool<A extends Agent>(agent: A, guard: AddressGuard, limits = CONNECT_LIMITS): A {
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, callback) => {
    const socket = connect(options, callback);
    if (socket instanceof Socket) watchConnection(socket, guard, limits);
    return socket;
  };
  boundIdle(agent);
  return agent;
}

/** Lets go of a connection instead of pooling it when enough are idle. */
export function boundIdle(agent: Agent): void {
  const keep = agent.keepSocketAlive.bind(agent);
  agent.keepSocketAlive = (socket) => idleConnections(agent) < MAX_IDLE_CONNECTIONS && keep(socket);
}

/** Closes idle connections now and those in use when they are done. */
export function closePool(agent: Agent): void {
  agent.keepSocketAlive = () => false;
  for (const socket of Object.values(agent.freeSockets).flatMap((sockets) => sockets ?? [])) socket.destroy();
}
