import type { Socket } from "node:net";
import { getRequest, openSocket, parseAnswer } from "../http/raw-exchange.ts";
import type { SeededRandom } from "../url/seeded-random.ts";

export type RudeParts = {
  readonly port: number;
  readonly origin: string;
  readonly random: SeededRandom;
  /** A request that takes some work. */
  readonly path: string;
  /** Fires when the soak is over. */
  readonly signal: AbortSignal;
};

/** A client that behaves badly; resolves with what it has to complain about when it was treated wrongly. */
export type RudeClient = (parts: RudeParts) => Promise<string | undefined>;

const LONGEST_STAY_MS = 250;
/** Larger than what the buffers of the system hold, so that somebody has to wait. */
const LARGE_RESULT = "/unsafe/rs:force:2400:1600/el:1/plain/{ORIGIN}/plain/large.jpg@bmp";
const LARGE_RESULT_BYTES = 2400 * 1600 * 3;
const IGNORED_MS = 4000;
const PAUSE_MS = 5;
const PAUSE_BYTES = 400_000;

/** Asks, and is gone before or while the answer comes. */
async function vanish({ port, path, random }: RudeParts): Promise<undefined> {
  const socket = await openSocket(port);
  socket.write(getRequest(path));
  await Bun.sleep(random.below(LONGEST_STAY_MS));
  if (random.below(2) === 0) socket.destroy();
  else socket.resetAndDestroy();
}

/** Begins to ask, and leaves. */
async function hesitate({ port, path, random }: RudeParts): Promise<undefined> {
  const socket = await openSocket(port);
  const request = getRequest(path);
  socket.write(request.slice(0, random.below(request.length)));
  await Bun.sleep(random.below(LONGEST_STAY_MS));
  socket.destroy();
}

/** Says something that is no request. */
async function babble({ port }: RudeParts): Promise<string | undefined> {
  const socket = await openSocket(port);
  socket.write("\x16\x03\x01 hello\r\n\r\n");
  const { status } = parseAnswer(await readSlowly(socket, 0));
  return status === 400 || status === 0 ? undefined : `no request got ${status}`;
}

/** Reads a large answer with pauses, and wants all of it. */
async function dawdle({ port, origin, signal }: RudeParts): Promise<string | undefined> {
  const socket = await openSocket(port);
  const leave = () => socket.destroy();
  signal.addEventListener("abort", leave);
  socket.write(getRequest(LARGE_RESULT.replace("{ORIGIN}", origin)));
  const { status, body } = parseAnswer(await readSlowly(socket, PAUSE_MS));
  signal.removeEventListener("abort", leave);
  // Whoever comes when the queue is full is sent away, this one as well.
  if (signal.aborted || status === 429 || (status === 200 && body.length >= LARGE_RESULT_BYTES)) return undefined;
  return `a slow reader got status ${status} and ${body.length} bytes`;
}

/** Asks for a large answer and never reads it, until it is cut off. */
async function ignore({ port, origin, signal }: RudeParts): Promise<string | undefined> {
  const socket = await openSocket(port);
  const leave = () => socket.destroy();
  signal.addEventListener("abort", leave);
  socket.pause();
  socket.write(getRequest(LARGE_RESULT.replace("{ORIGIN}", origin)));
  // Longer than making it and IMGPROXY_WRITE_RESPONSE_TIMEOUT together.
  await Bun.sleep(IGNORED_MS);
  leave();
  signal.removeEventListener("abort", leave);
  return undefined;
}

async function readSlowly(socket: Socket, pauseMs: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let sincePause = 0;
  socket.on("data", (chunk: Buffer) => {
    chunks.push(chunk);
    sincePause += chunk.length;
    if (pauseMs === 0 || sincePause < PAUSE_BYTES) return;
    sincePause = 0;
    socket.pause();
    setTimeout(() => socket.resume(), pauseMs);
  });
  await new Promise<void>((resolve) => socket.once("close", () => resolve()));
  return Buffer.concat(chunks);
}

/** One of each, the vanishing ones more often. */
export const RUDE_CLIENTS: readonly RudeClient[] = [
  vanish,
  vanish,
  vanish,
  vanish,
  hesitate,
  hesitate,
  babble,
  dawdle,
  ignore,
];
