import { createServer, type Socket } from "node:net";

/** What an origin saw of one request. */
export type SeenRequest = {
  readonly target: string;
  /** Header names as they were sent. */
  readonly headers: ReadonlyMap<string, string>;
  readonly connection: number;
};

export type Origin = AsyncDisposable & {
  readonly port: number;
  /** `http://127.0.0.1:port`. */
  readonly url: string;
  readonly seen: readonly SeenRequest[];
  /** Connections that are open now. */
  openConnections(): number;
  connections(): number;
};

/** Writes an answer byte for byte, so that lies and cuts can be told. */
export type Respond = (request: SeenRequest, socket: Socket) => void;

/** An HTTP origin on a raw socket: it answers each request with whatever `respond` writes. */
export async function startOrigin(respond: Respond): Promise<Origin> {
  const seen: SeenRequest[] = [];
  const sockets = new Set<Socket>();
  let connections = 0;
  const server = createServer((socket) => {
    const connection = connections++;
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket));
    socket.on("error", () => undefined);
    let pending = "";
    socket.on("data", (data) => {
      pending += data.toString("latin1");
      for (let end = pending.indexOf("\r\n\r\n"); end !== -1; end = pending.indexOf("\r\n\r\n")) {
        const [line = "", ...rest] = pending.slice(0, end).split("\r\n");
        pending = pending.slice(end + 4);
        const headers = new Map(
          rest.map((header) => [header.split(": ", 1)[0] ?? "", header.slice(header.indexOf(": ") + 2)]),
        );
        const request = { target: line.split(" ")[1] ?? "", headers, connection };
        seen.push(request);
        respond(request, socket);
      }
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    port,
    url: `http://127.0.0.1:${port}`,
    seen,
    openConnections: () => sockets.size,
    connections: () => connections,
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

/** A complete answer as text. */
export function answer(status: number, body = "", headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ "Content-Length": String(Buffer.byteLength(body)), ...headers });
  return [`HTTP/1.1 ${status} Status`, ...lines.map(([name, value]) => `${name}: ${value}`), "", body].join("\r\n");
}
