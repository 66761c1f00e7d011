import type { ServerResponse } from "node:http";
import type { SendOutcome } from "./edge.ts";

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
    outgoing.destroy();
  }, timeoutMs);
  try {
    writeHead(response, outgoing);
    if (response.body === null) outgoing.end();
    else await pipe(response.body, outgoing);
    await closedOrFinished(outgoing);
    return outgoing.writableFinished ? "sent" : outcome;
  } catch {
    // Only reading the body throws: half an answer must not look like a whole one.
    outgoing.destroy();
    return "body_failed";
  } finally {
    clearTimeout(timer);
  }
}

function writeHead(response: Response, outgoing: ServerResponse): void {
  outgoing.sendDate = true;
  for (const [name, value] of response.headers) outgoing.setHeader(name, value);
  outgoing.writeHead(response.status);
}

async function pipe(body: ReadableStream<Uint8Array>, outgoing: ServerResponse): Promise<void> {
  const reader = body.getReader();
  try {
    let current = await reader.read();
    while (!current.done && !outgoing.destroyed) {
      const isRoomLeft = outgoing.write(current.value);
      if (!isRoomLeft) await drainedOrClosed(outgoing);
      current = await reader.read();
    }
    if (current.done) outgoing.end();
  } finally {
    // Nothing happens where the body has been read to its end.
    await reader.cancel().catch(() => undefined);
  }
}

function drainedOrClosed(outgoing: ServerResponse): Promise<void> {
  return firstOf(outgoing, "drain");
}

function closedOrFinished(outgoing: ServerResponse): Promise<void> {
  return outgoing.writableFinished ? Promise.resolve() : firstOf(outgoing, "finish");
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
