import { connect, type Socket } from "node:net";

/** What came back over a bare socket. */
export type RawAnswer = {
  readonly status: number;
  /** Lower-case names, bytes read as UTF-8. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
  /** Milliseconds until the server closed the connection. */
  readonly closedAfter: number;
};

/** Opens a connection and resolves once it stands. */
export async function openSocket(port: number): Promise<Socket> {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => undefined);
  await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  return socket;
}

/** Everything that arrives until the other side closes. */
export async function readToEnd(socket: Socket): Promise<Buffer> {
  const chunks: Buffer[] = [];
  socket.on("data", (chunk: Buffer) => chunks.push(chunk));
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return Buffer.concat(chunks);
}

/** Sends bytes as they are and reads until the server closes; a request should say `Connection: close`. */
export async function rawExchange(port: number, request: string | Buffer): Promise<RawAnswer> {
  const socket = await openSocket(port);
  const started = performance.now();
  socket.write(request);
  return { ...parseAnswer(await readToEnd(socket)), closedAfter: performance.now() - started };
}

/** The parts of an answer as it came over the wire; status 0 for none. */
export function parseAnswer(bytes: Buffer): Omit<RawAnswer, "closedAfter"> {
  const end = bytes.indexOf("\r\n\r\n");
  const [statusLine = "", ...lines] = bytes.subarray(0, Math.max(end, 0)).toString("utf8").split("\r\n");
  const headers = new Map(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 1).trim()]),
  );
  return { status: Number(statusLine.split(" ")[1] ?? 0), headers, body: end < 0 ? bytes : bytes.subarray(end + 4) };
}

/** A GET over HTTP/1.1 whose target is sent byte for byte. */
export function getRequest(target: string, headers: Readonly<Record<string, string>> = {}): string {
  const lines = Object.entries({ Host: "imgproxy.test", Connection: "close", ...headers });
  return [`GET ${target} HTTP/1.1`, ...lines.map(([name, value]) => `${name}: ${value}`), "", ""].join("\r\n");
}
