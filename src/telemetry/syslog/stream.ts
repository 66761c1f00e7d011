import { connect, type NetConnectOpts, type Socket } from "node:net";
import type { IpFamily } from "../udp.ts";
import type { SyslogConnection } from "./connection.ts";

export type StreamAddress =
  | { readonly path: string }
  | { readonly host: string; readonly port: number; readonly family: IpFamily };

const CONNECT_TIMEOUT_MS = 5000;
const RECONNECT_AFTER_MS = 1000;
/** What may wait for a syslog that has gone or reads slowly; further lines are lost. */
const MAX_WAITING_BYTES = 1 << 20;

/** Reaches a syslog over a stream and finds it again when the connection breaks. Rejects when it is not there now. */
export async function openStream(address: StreamAddress, onTrouble: (error: Error) => void): Promise<SyslogConnection> {
  const stream = new SyslogStream(address, onTrouble);
  await stream.connect();
  return stream;
}

class SyslogStream implements SyslogConnection {
  readonly isLocal: boolean;
  readonly #address: NetConnectOpts;
  readonly #onTrouble: (error: Error) => void;
  #socket: Socket | undefined;
  #waiting: string[] = [];
  #waitingBytes = 0;
  #reconnect: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(address: StreamAddress, onTrouble: (error: Error) => void) {
    this.#address = { ...address, noDelay: true };
    this.isLocal = "path" in address;
    this.#onTrouble = onTrouble;
  }

  async connect(): Promise<void> {
    const socket = connect(this.#address);
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(CONNECT_TIMEOUT_MS, () => socket.destroy(new Error("no answer within 5 seconds")));
      socket.once("error", reject).once("connect", () => {
        socket.off("error", reject).setTimeout(0);
        resolve();
      });
    });
    if (this.#isClosed) return void socket.destroy();
    this.#use(socket);
  }

  send(line: string): void {
    const socket = this.#socket;
    if (socket !== undefined && socket.writableLength < MAX_WAITING_BYTES) socket.write(onOneLine(line));
    else if (this.#waitingBytes < MAX_WAITING_BYTES) {
      this.#waiting.push(line);
      this.#waitingBytes += line.length;
    } else this.#onTrouble(new Error("lines are lost: syslog is gone or reads too slowly"));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#reconnect);
    const socket = this.#socket;
    if (socket === undefined) return;
    await new Promise<void>((resolve) => {
      socket.once("close", () => resolve());
      socket.end(() => socket.destroy());
    });
  }

  #use(socket: Socket): void {
    this.#socket = socket;
    // It keeps nothing alive that has come to its end.
    socket.unref().resume();
    socket.on("error", this.#onTrouble).once("close", () => this.#lose());
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#waitingBytes = 0;
    for (const line of waiting) this.send(line);
  }

  #lose(): void {
    this.#socket = undefined;
    if (this.#isClosed) return;
    this.#reconnect = setTimeout(() => {
      this.connect().catch((error: Error) => {
        this.#onTrouble(error);
        this.#lose();
      });
    }, RECONNECT_AFTER_MS).unref();
  }
}

/** Line breaks end a message here, and a stack has some. */
function onOneLine(line: string): string {
  return `${line.trimEnd().replaceAll("\n", " | ")}\n`;
}
