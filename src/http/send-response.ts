import type { ServerResponse } from "node:http";
import type { ReadyAnswer } from "./answers-at-once.ts";
import type { SendOutcome } from "./edge.ts";

/** So much of a body is waited for before anything is sent: a source that fails at once leaves no half answer behind. */
const HELD_BYTES = 4096;

/**
 * Writes a response chunk by chunk, no faster than the client reads, and cuts the connection when that takes longer than
 * `timeoutMs` or the body fails. Never rejects; the body is consumed or cancelled in every case.
 */
export async function sendResponse(
  response: Response,
  outgoing: ServerResponse,
  timeoutMs: number,
): Promise<SendOutcome> {
  let outcome: SendOutcome = "client_gone";
  const timer = setTimeout(() => {
    outcome = "write_timeout";
    cutConnection(outgoing);
  }, timeoutMs);
  try {
    // Only set: the first write, or the end, sends them.
    outgoing.statusCode = response.status;
    for (const [name, value] of response.headers) outgoing.setHeader(name, value);
    if (response.body !== null) await pipe(response.body, outgoing);
    // Ending a closed response would make it look finished.
    if (outgoing.destroyed) return outcome;
    outgoing.end();
    if (!outgoing.writableFinished) await firstOf(outgoing, "finish");
    return outgoing.writableFinished ? "sent" : outcome;
  } catch {
    // Only reading the body throws: half an answer must not look like a whole one.
    cutConnection(outgoing);
    return "body_failed";
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Sends an answer that is there whole, and says once how that went: at once when the system took it all, else when the client
 * has read it, has left, or was too slow for `timeoutMs`.
 */
export function sendReady(
  { status, headers, body, finish }: ReadyAnswer,
  outgoing: ServerResponse,
  timeoutMs: number,
): void {
  const { socket } = outgoing;
  outgoing.writeHead(status, headers);
  outgoing.end(body);
  if (outgoing.writableFinished) {
    finish("sent");
    return;
  }
  let outcome: SendOutcome = "client_gone";
  const timer = setTimeout(() => {
    outcome = "write_timeout";
    cutConnection(outgoing);
  }, timeoutMs);
  let isOver = false;
  const end = () => {
    if (isOver) return;
    isOver = true;
    clearTimeout(timer);
    // Bun 1.4.5 calls an answer finished, too, when the client has left; the socket knows.
    finish(outgoing.writableFinished && socket?.destroyed === false ? "sent" : outcome);
  };
  outgoing.once("finish", end).once("close", end);
}

async function pipe(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  // A source that stalls must not keep the connection of a client that has left.
  const stop = () => void reader.cancel().catch(() => undefined);
  outgoing.on("close", stop);
  try {
    for await (const chunk of withHeldStart(reader)) {
      if (outgoing.destroyed) return;
      if (!outgoing.write(chunk)) await firstOf(outgoing, "drain");
    }
  } finally {
    outgoing.off("close", stop);
    stop();
  }
}

/** The chunks as they come, but the first ones together. */
async function* withHeldStart(reader: ReadableStreamDefaultReader<Uint8Array>): AsyncGenerator<Uint8Array> {
  const held: Uint8Array[] = [];
  let heldBytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (value !== undefined) {
      held.push(value);
      heldBytes += value.length;
    }
    if (held.length > 0 && (done || heldBytes >= HELD_BYTES)) {
      yield held.length === 1 ? (held[0] ?? new Uint8Array()) : Buffer.concat(held);
      held.length = 0;
    }
    if (done) return;
  }
}

function firstOf(outgoing: ServerResponse, event: "drain" | "finish"): Promise<void> {
  if (outgoing.destroyed) return Promise.resolve();
  return new Promise((resolve) => {
    const settle = () => {
      outgoing.off(event, settle).off("close", settle);
      resolve();
    };
    outgoing.on(event, settle).on("close", settle);
  });
}

/** Destroys the socket: destroying the response would make Bun 1.4.5 send the beginning of a head first. */
export function cutConnection(outgoing: ServerResponse): void {
  if (outgoing.socket === null) outgoing.destroy();
  else outgoing.socket.destroy();
}
