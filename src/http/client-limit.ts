import type { Socket } from "node:net";

/** Keeps the requests of connections beyond the limit waiting until one of those before them closes. */
export interface ClientLimit {
  /** Takes a new connection into account. */
  add(socket: Socket): void;
  /** Whether requests of this connection may be answered without waiting for that. */
  isServed(socket: Socket): boolean;
  /** Resolves when requests of this connection may be answered, or when it closes. */
  turnOf(socket: Socket): Promise<void>;
}

/**
 * At most `max` connections are served; 0 = no limit. Further ones wait in the order they came, as the reference's wait in
 * the system's backlog; the listener refuses connections beyond twice the limit, so what waits is bounded too.
 */
export function createClientLimit(max: number): ClientLimit {
  const turns = new WeakMap<Socket, Promise<void>>();
  const waiting = new Map<Socket, () => void>();
  let served = 0;

  function leave(socket: Socket): void {
    const admit = waiting.get(socket);
    waiting.delete(socket);
    if (admit !== undefined) {
      admit();
      return;
    }
    const [next] = waiting;
    if (next === undefined) served--;
    else {
      waiting.delete(next[0]);
      next[1]();
    }
  }

  return {
    add(socket) {
      if (max === 0) return;
      socket.once("close", () => leave(socket));
      if (served < max) {
        served++;
        return;
      }
      const { promise, resolve } = Promise.withResolvers<void>();
      turns.set(socket, promise);
      waiting.set(socket, resolve);
    },
    isServed: (socket) => !turns.has(socket),
    turnOf: (socket) => turns.get(socket) ?? Promise.resolve(),
  };
}
