/** A store that fails on demand: a script says what each request for a key gets, one step a request, the last step for ever. */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

/** One answer, or the lack of it. */
export type Step =
  | { readonly kind: "object" }
  | {
      readonly kind: "answer";
      readonly status: number;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: string | Uint8Array;
    }
  /** The connection is reset before an answer. */
  | { readonly kind: "reset" }
  /** Nothing ever comes. */
  | { readonly kind: "hang" }
  /** Headers, half the body, then a closed connection. */
  | { readonly kind: "cut" }
  /** Headers, half the body, then nothing while the connection stays open. */
  | { readonly kind: "stall" }
  /** A piece of 1000 bytes every 10 ms, for ever. */
  | { readonly kind: "drip"; readonly status?: number }
  /** More bytes are announced than the object has, and the connection is closed after it. */
  | { readonly kind: "lie" }
  /** The object in chunks without a length. */
  | { readonly kind: "no length" }
  /** Half the object in chunks, closed without the last chunk. */
  | { readonly kind: "cut chunks" };

/** An S3 error document. */
export function refusal(status: number, code: string, headers: Readonly<Record<string, string>> = {}): Step {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>said the store</Message><HostId>SECRET-HOST</HostId></Error>`;
  return { kind: "answer", status, headers: { "content-type": "application/xml", ...headers }, body };
}

export class FaultyStore {
  readonly object: Uint8Array;
  readonly seen: IncomingMessage[] = [];
  readonly #scripts = new Map<string, readonly Step[]>();
  readonly #positions = new Map<string, number>();
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  connections = 0;
  /** Answers that the other side did not wait for the end of. */
  abandoned = 0;

  private constructor(object: Uint8Array) {
    this.object = object;
    this.#server = createServer((incoming, outgoing) => this.#handle(incoming, outgoing));
    this.#server.on("connection", (socket) => {
      this.connections++;
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  static async start(object: Uint8Array): Promise<FaultyStore> {
    const store = new FaultyStore(object);
    await new Promise<void>((resolve) => store.#server.listen(0, "127.0.0.1", resolve));
    return store;
  }

  get endpoint(): string {
    // A listening TCP server has an address of this form.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  get openConnections(): number {
    return this.#sockets.size;
  }

  /** Says what the requests for a key get; for one with a slash at the end, those for each key in that folder. */
  script(key: string, ...steps: readonly Step[]): string {
    this.#scripts.set(key, steps);
    this.#positions.delete(key);
    return `s3://faulty/${key}`;
  }

  /** How many requests there were for a key. */
  requests(key: string): number {
    return this.seen.filter((incoming) => keyOf(incoming) === key).length;
  }

  /** Closes the connections that wait for a next request, as stores do after a while. */
  closeIdle(): void {
    this.#server.closeIdleConnections();
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    this.seen.push(incoming);
    const key = keyOf(incoming);
    const position = this.#positions.get(key) ?? 0;
    this.#positions.set(key, position + 1);
    const steps = this.#scripts.get(key) ?? this.#scripts.get(key.slice(0, key.indexOf("/") + 1)) ?? [];
    outgoing.on("close", () => {
      if (!outgoing.writableFinished) this.abandoned++;
    });
    this.#play(steps[Math.min(position, steps.length - 1)] ?? { kind: "object" }, outgoing);
  }

  #play(step: Step, outgoing: ServerResponse): void {
    const { object } = this;
    const half = object.subarray(0, object.length >> 1);
    const type = { "content-type": "image/png" };
    const whole = { ...type, "content-length": object.length };
    switch (step.kind) {
      case "object":
        outgoing.writeHead(200, { ...whole, etag: '"faulty"' }).end(object);
        return;
      case "answer":
        outgoing.writeHead(step.status, step.headers).end(step.body);
        return;
      case "reset":
        outgoing.socket?.resetAndDestroy();
        return;
      case "hang":
        return;
      case "cut":
        outgoing.writeHead(200, whole).write(half, () => outgoing.socket?.destroy());
        return;
      case "stall":
        outgoing.writeHead(200, whole).write(half);
        return;
      case "drip": {
        outgoing.writeHead(step.status ?? 200, { ...type, "content-length": 1_000_000_000 });
        const timer = setInterval(() => outgoing.write(object.subarray(0, 1000)), 10);
        outgoing.on("close", () => clearInterval(timer));
        return;
      }
      case "lie":
        outgoing.writeHead(200, { ...type, "content-length": object.length + 1000 });
        outgoing.write(object, () => outgoing.socket?.end());
        return;
      case "no length":
        outgoing.writeHead(200, type);
        outgoing.write(half);
        outgoing.end(object.subarray(half.length));
        return;
      case "cut chunks":
        outgoing.writeHead(200, type);
        outgoing.write(half, () => outgoing.socket?.destroy());
        return;
    }
  }
}

function keyOf(incoming: IncomingMessage): string {
  return decodeURIComponent((incoming.url ?? "").split("?")[0] ?? "").slice("/faulty/".length);
}
