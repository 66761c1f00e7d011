import { type RunningServer, startServer } from "../support/executable.ts";
import { type ProcessState, processState } from "../support/process-watch.ts";
import { seededRandom } from "../url/seeded-random.ts";
import { faultOf } from "./check-answer.ts";
import { makeMark, makePictures } from "./pictures.ts";
import { startRoughBuckets } from "./rough-buckets.ts";
import { startRoughOrigin } from "./rough-origin.ts";
import { RUDE_CLIENTS } from "./rude-clients.ts";
import { pickTask, type Task } from "./work.ts";

export type SoakOptions = {
  readonly seconds: number;
  readonly seed: number;
  /** Clients that ask, read and ask again. */
  readonly clients: number;
  /** Clients that behave badly, at a time. */
  readonly rudeClients: number;
  /** Settings of the server besides those that the soak needs. */
  readonly env?: Readonly<Record<string, string>>;
  readonly executable?: string;
  readonly onSample?: (sample: Sample) => void;
  readonly onFault?: (fault: string) => void;
};

export type Sample = ProcessState & { readonly seconds: number; readonly answers: number };

export type SoakReport = {
  /** What was answered wrongly, with the request. */
  readonly faults: readonly string[];
  readonly answers: number;
  readonly statuses: ReadonlyMap<number, number>;
  /** How often a client was told 429 with the seconds to wait, and came again. */
  readonly refused: number;
  readonly slowestMs: number;
  readonly samples: readonly Sample[];
  /** Idle before the first and after the last request. */
  readonly before: ProcessState;
  readonly after: ProcessState;
  /** Lines of the log at level error, but those about failing sources and about clients that do not read. */
  readonly errorLines: readonly string[];
  /** Of a stop while everybody goes on asking. */
  readonly stop: { readonly status: number; readonly seconds: number };
};

/** Sources may be silent for so long. */
const DOWNLOAD_SECONDS = 2;
const WRITE_SECONDS = 2;
const RELEASE_SECONDS = 1;
const SAMPLE_MS = 250;
/** After the last answer: for connections to be closed and memory to be handed back. */
const IDLE_MS = 3500;
/** Of load before the stop. */
const STOPPED_AFTER_MS = 700;
/** What failing and silent sources, and clients that do not read, leave in the log. */
const IS_EXPECTED = / status=50[24] | error="failed to write response/;
/** A client that is refused by a stopping server does not ask at full speed. */
const REFUSED_PAUSE_MS = 20;

/**
 * Loads the executable with as much good and bad work as it can take, good and bad clients, and looks at every answer, at its
 * memory and descriptors, and at how it stops under load.
 */
export async function runSoak(options: SoakOptions): Promise<SoakReport> {
  const pictures = await makePictures();
  await using origin = await startRoughOrigin(pictures);
  await using buckets = await startRoughBuckets(pictures);
  await using server = await startServer({
    ...(options.executable !== undefined && { executable: options.executable }),
    env: { ...buckets.env, ...(await settings(options)) },
  });
  const counts: Counts = { faults: [], statuses: new Map(), answers: 0, refused: 0, slowestMs: 0, serial: 0 };
  const sources = { pictures, origin: origin.url, buckets };
  const load = { server, counts, options, pickPath: (seed: number) => pickTask(sources, seededRandom(seed)) };
  // Every kind of work once, so that everything is loaded.
  await ask(load, 3 * pictures.length, new AbortController().signal);
  const before = await idleState(server);
  const samples = await soak(load, origin.url);
  const after = await idleState(server);
  const stop = await stopUnderLoad(load);
  const errorLines = server
    .log()
    .split("\n")
    .filter((line) => line.includes('level="ERROR"') && !IS_EXPECTED.test(line));
  return { ...counts, samples, before, after, errorLines, stop };
}

type Counts = {
  readonly faults: string[];
  readonly statuses: Map<number, number>;
  answers: number;
  refused: number;
  slowestMs: number;
  serial: number;
};
type Load = {
  readonly server: RunningServer;
  readonly counts: Counts;
  readonly options: SoakOptions;
  readonly pickPath: (seed: number) => Task;
};

async function settings({ env, clients }: SoakOptions): Promise<Record<string, string>> {
  return {
    HOME: process.env["HOME"] ?? "/tmp",
    IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true",
    IMGPROXY_DOWNLOAD_TIMEOUT: String(DOWNLOAD_SECONDS),
    IMGPROXY_WRITE_RESPONSE_TIMEOUT: String(WRITE_SECONDS),
    IMGPROXY_READ_REQUEST_TIMEOUT: "2",
    // Everybody shall be answered, however long the queue is on a machine that has other things to do.
    IMGPROXY_TIMEOUT: "60",
    // Full when the rude ones stand in line as well.
    IMGPROXY_REQUESTS_QUEUE_SIZE: String(clients),
    IMGPROXY_MAX_SRC_FILE_SIZE: "10000000",
    IMGPROXY_MAX_ANIMATION_FRAMES: "20",
    IMGPROXY_FREE_MEMORY_INTERVAL: String(RELEASE_SECONDS),
    IMGPROXY_WATERMARK_DATA: (await makeMark()).toString("base64"),
    IMGPROXY_LOG_LEVEL: "error",
    ...env,
  };
}

/** All clients at once for the time of the soak; samples all the time. */
async function soak(load: Load, origin: string): Promise<Sample[]> {
  const { server, options, counts } = load;
  const signal = AbortSignal.timeout(options.seconds * 1000);
  const samples: Sample[] = [];
  const startedAt = performance.now();
  const sampler = setInterval(() => {
    const state = processState(server.process.pid);
    if (state === undefined) return;
    const sample = { ...state, seconds: (performance.now() - startedAt) / 1000, answers: counts.answers };
    samples.push(sample);
    options.onSample?.(sample);
  }, SAMPLE_MS);
  await Promise.all([ask(load, Number.POSITIVE_INFINITY, signal), beRude(load, origin, signal)]);
  clearInterval(sampler);
  return samples;
}

/** Good clients: each asks, looks at the answer, and asks again. */
async function ask(load: Load, count: number, signal: AbortSignal): Promise<void> {
  const { counts, options } = load;
  let asked = 0;
  const client = async () => {
    while (!signal.aborted && asked++ < count) await askOnce(load, counts.serial++);
  };
  await Promise.all(Array.from({ length: options.clients }, client));
}

async function askOnce({ server, counts, options, pickPath }: Load, serial: number): Promise<void> {
  const { path, expected } = pickPath(options.seed * 1_000_003 + serial);
  const startedAt = performance.now();
  const answer = await getAdmitted(server.url + path, counts).catch(String);
  counts.answers++;
  counts.slowestMs = Math.max(counts.slowestMs, performance.now() - startedAt);
  if (typeof answer !== "string") counts.statuses.set(answer.status, (counts.statuses.get(answer.status) ?? 0) + 1);
  const fault = typeof answer === "string" ? `no answer: ${answer}` : await faultOf(answer, expected, serial);
  if (fault !== undefined) noteFault({ counts, options }, `${path}: ${fault}`);
}

/** Asks until there is a place in the queue, at the times that the server names. */
async function getAdmitted(url: string, counts: Counts): Promise<{ readonly status: number; readonly body: Buffer }> {
  for (;;) {
    const answer = await fetch(url, { signal: AbortSignal.timeout(90_000) });
    const body = Buffer.from(await answer.arrayBuffer());
    const retryAfter = Number(answer.headers.get("Retry-After"));
    // Without a time to come again it is a wrong answer like others.
    if (answer.status !== 429 || !(retryAfter > 0)) return { status: answer.status, body };
    counts.refused++;
    await Bun.sleep(retryAfter * 1000);
  }
}

function noteFault({ counts, options }: Pick<Load, "counts" | "options">, fault: string): void {
  counts.faults.push(fault);
  options.onFault?.(fault);
}

async function beRude(load: Load, origin: string, signal: AbortSignal): Promise<void> {
  const { server, options, pickPath } = load;
  const port = Number(new URL(server.url).port);
  let next = 0;
  const client = async () => {
    while (!signal.aborted) {
      const serial = next++;
      const random = seededRandom(options.seed + serial);
      const { path } = pickPath(serial);
      const complaint = await random.pick(RUDE_CLIENTS)({ port, origin, random, path, signal });
      if (complaint !== undefined) noteFault(load, complaint);
    }
  };
  await Promise.all(Array.from({ length: options.rudeClients }, client));
}

async function idleState(server: RunningServer): Promise<ProcessState> {
  await Bun.sleep(IDLE_MS);
  const state = processState(server.process.pid);
  if (state === undefined) throw new Error(`the server is gone:\n${server.log().slice(-2000)}`);
  return state;
}

/** What has been asked before the stop is answered rightly, what comes later is refused, and the process ends well. */
async function stopUnderLoad({ server, counts, options, pickPath }: Load): Promise<SoakReport["stop"]> {
  const stopping = new AbortController();
  let isOver = false;
  const client = async () => {
    while (!isOver) {
      const isLate = stopping.signal.aborted;
      const serial = counts.serial++;
      const { path, expected } = pickPath(options.seed * 1_000_003 + serial);
      const answer = await getAdmitted(server.url + path, counts).catch(String);
      if (typeof answer !== "string") {
        const fault = await faultOf(answer, expected, serial);
        if (fault !== undefined) noteFault({ counts, options }, `at the stop, ${path}: ${fault}`);
      } else if (isLate || stopping.signal.aborted) await Bun.sleep(REFUSED_PAUSE_MS);
      else noteFault({ counts, options }, `before the stop, ${path}: ${answer}`);
    }
  };
  const clients = Array.from({ length: options.clients }, client);
  await Bun.sleep(STOPPED_AFTER_MS);
  const startedAt = performance.now();
  stopping.abort();
  const status = await server.stop();
  isOver = true;
  const seconds = (performance.now() - startedAt) / 1000;
  await Promise.all(clients);
  return { status, seconds };
}
