import sharp from "sharp";
import type { ImageFormat } from "../../../src/formats.ts";
import { detectFormat } from "../../../src/image/detect-format.ts";
import { type RunningServer, startServer } from "../../support/executable.ts";
import { type ProcessState, processState } from "../../support/process-watch.ts";
import { seededRandom } from "../../url/seeded-random.ts";
import { mutateFile } from "./mutate-file.ts";
import { pickRequest } from "./request-options.ts";
import { makeSeedFiles, type SeedFile } from "./seed-files.ts";

export type BarrageOptions = {
  readonly count: number;
  readonly seed: number;
  /** The first file's number: file and request number n are the same in every run with this seed. */
  readonly first?: number;
  /** Formats of the files that are damaged; undefined = all. */
  readonly formats?: readonly ImageFormat[];
  readonly parallel: number;
  /** IMGPROXY_MAX_SRC_RESOLUTION: damaged headers claim what is allowed, and slow machines take their time for it. */
  readonly maxMegapixels?: number;
  readonly executable?: string;
  readonly onProgress?: (done: number, state: ProcessState | undefined) => void;
  readonly onFinding?: (finding: Finding) => void;
};

/** Something that should not have happened, and the file that it happened with. */
export type Finding = { readonly what: string; readonly shot: Shot };

/** One damaged file and what is asked of it. */
export type Shot = {
  readonly number: number;
  readonly seedFile: string;
  readonly ways: readonly string[];
  readonly path: string;
  readonly bytes: Uint8Array;
};

export type BarrageReport = {
  readonly findings: readonly Finding[];
  /** Answers by status. */
  readonly statuses: ReadonlyMap<number, number>;
  readonly slowestMs: number;
  readonly before: ProcessState;
  readonly after: ProcessState;
  readonly exitStatus: number;
};

const LONGEST_SECONDS = 10;
/** Good files that are asked for before anything is measured, so that everything is loaded. */
const WARM_UP_ROUNDS = 2;
/** An idle server hands memory back, as often as it is told here. */
const RELEASE_SECONDS = 1;
const IDLE_MS = 3 * RELEASE_SECONDS * 1000;

/** Sends damaged files through the executable and looks at every answer, and at the process afterwards. */
export async function runBarrage(options: BarrageOptions): Promise<BarrageReport> {
  const seeds = await makeSeedFiles();
  const targets = seeds.filter(({ format }) => options.formats?.includes(format) ?? true);
  await using origin = serveFiles();
  await using server = await startServer({
    ...(options.executable !== undefined && { executable: options.executable }),
    env: {
      HOME: process.env["HOME"] ?? "/tmp",
      IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true",
      IMGPROXY_TIMEOUT: String(LONGEST_SECONDS),
      IMGPROXY_MAX_SRC_RESOLUTION: String(options.maxMegapixels ?? 50),
      IMGPROXY_MAX_ANIMATION_FRAMES: "30",
      IMGPROXY_LOG_LEVEL: "error",
      IMGPROXY_FREE_MEMORY_INTERVAL: String(RELEASE_SECONDS),
      IMGPROXY_WATERMARK_DATA: (await markFile()).toString("base64"),
    },
  });
  const results: Results = { findings: [], statuses: new Map(), slowestMs: 0 };
  const range: Range = { server, origin, results, onFinding: options.onFinding ?? (() => undefined) };
  const shots = { seeds, targets, seed: options.seed };
  const goodFiles = Array.from({ length: WARM_UP_ROUNDS * targets.length }, (_, index) => goodShot(shots, index));
  await inParallel(
    options.parallel,
    goodFiles.length,
    async (index) => void (await shoot(range, goodFiles[index] ?? goodShot(shots, 0))),
  );
  results.statuses.clear();
  const before = await idleState(server);
  const first = options.first ?? 0;
  let done = 0;
  await inParallel(options.parallel, options.count, async (index) => {
    if (server.process.exitCode !== null) return;
    await shoot(range, damagedShot(shots, first + index));
    done++;
    if (done % 500 === 0) options.onProgress?.(done, processState(server.process.pid));
  });
  const after = await idleState(server);
  const health = await fetch(`${server.url}/health`).then(
    ({ status }) => status,
    () => 0,
  );
  if (health !== 200)
    results.findings.push({ what: `no longer well: /health says ${health}`, shot: damagedShot(shots, first) });
  return { ...results, before, after, exitStatus: await server.stop() };
}

type Results = { readonly findings: Finding[]; readonly statuses: Map<number, number>; slowestMs: number };
type Range = {
  readonly server: RunningServer;
  readonly origin: FileOrigin;
  readonly results: Results;
  readonly onFinding: (finding: Finding) => void;
};
type ShotParts = { readonly seeds: readonly SeedFile[]; readonly targets: readonly SeedFile[]; readonly seed: number };

function damagedShot({ seeds, targets, seed }: ShotParts, number: number): Shot {
  const random = seededRandom(seed * 1_000_003 + number);
  const file = random.pick(targets);
  const { bytes, ways } = mutateFile(file.bytes, random.pick(seeds).bytes, random);
  return { number, seedFile: file.name, ways, path: pathOf(file, random), bytes };
}

function goodShot({ targets, seed }: ShotParts, number: number): Shot {
  const random = seededRandom(seed + number);
  const file = targets[number % targets.length] ?? random.pick(targets);
  return { number, seedFile: file.name, ways: [], path: pathOf(file, random), bytes: file.bytes };
}

function pathOf({ format }: SeedFile, random: ReturnType<typeof seededRandom>): string {
  const { options, extension } = pickRequest(format, random);
  return `${options === "" ? "" : `/${options}`}/plain/{FILE}${extension === "" ? "" : `@${extension}`}`;
}

/** Asks for one file and notes what is wrong with the answer. */
async function shoot({ server, origin, results, onFinding }: Range, shot: Shot): Promise<void> {
  const note = (what: string) => {
    const finding = { what, shot };
    results.findings.push(finding);
    onFinding(finding);
  };
  const url = origin.put(shot.bytes);
  const startedAt = performance.now();
  const answer = await ask(`${server.url}/unsafe${shot.path.replace("{FILE}", url)}`).catch(String);
  const took = performance.now() - startedAt;
  origin.remove(url);
  results.slowestMs = Math.max(results.slowestMs, took);
  if (took > LONGEST_SECONDS * 1000) note(`took ${Math.round(took)} ms`);
  if (typeof answer === "string") return note(`no answer: ${answer}`);
  const { status, body, headers } = answer;
  results.statuses.set(status, (results.statuses.get(status) ?? 0) + 1);
  if (status !== 200 && (status < 400 || status >= 500)) note(`status ${status}`);
  if (status !== 200 && shot.ways.length === 0 && !isRefusable(shot)) note(`a good file got ${status}: ${body}`);
  const fault = status === 200 ? await faultOf(body, headers) : undefined;
  if (fault !== undefined) note(fault);
}

async function ask(
  url: string,
): Promise<{ readonly status: number; readonly headers: Headers; readonly body: Buffer }> {
  const signal = AbortSignal.timeout(2 * LONGEST_SECONDS * 1000);
  const answer = await fetch(url, { signal });
  return { status: answer.status, headers: answer.headers, body: Buffer.from(await answer.arrayBuffer()) };
}

/** Good files with requests that are refused for a reason: a picture of pixels asked for as a drawing. */
function isRefusable({ path }: Shot): boolean {
  return path.endsWith("@svg");
}

/** What is wrong with a result: its bytes must be what its type says, and hold a picture. */
async function faultOf(body: Buffer, headers: Headers): Promise<string | undefined> {
  const type = headers.get("content-type") ?? "";
  const format = detectFormat(body);
  if (format === undefined || !type.includes(NAME_IN_TYPE[format] ?? format))
    return `${type} that is ${format ?? "nothing known"}`;
  if (!READ_BY_SHARP.has(format)) return undefined;
  try {
    await sharp(body, { failOn: "error" }).stats();
    return undefined;
  } catch (error) {
    return `a ${format} result that cannot be read: ${String(error)}`;
  }
}

const NAME_IN_TYPE: Readonly<Partial<Record<ImageFormat, string>>> = { ico: "x-icon", svg: "svg+xml", heic: "heif" };
const READ_BY_SHARP: ReadonlySet<ImageFormat> = new Set(["jpeg", "png", "webp", "gif", "avif", "tiff"]);

type FileOrigin = AsyncDisposable & {
  /** The URL under which a file can be had from now on. */
  put(bytes: Uint8Array): string;
  remove(url: string): void;
};

function serveFiles(): FileOrigin {
  const files = new Map<string, Uint8Array>();
  let next = 0;
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      const bytes = files.get(request.url);
      return bytes === undefined ? new Response("gone", { status: 404 }) : new Response(Uint8Array.from(bytes));
    },
  });
  return {
    put(bytes) {
      const url = `http://127.0.0.1:${server.port}/${next++}`;
      files.set(url, bytes);
      return url;
    },
    remove: (url) => void files.delete(url),
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

async function idleState(server: RunningServer): Promise<ProcessState> {
  await Bun.sleep(IDLE_MS);
  return processState(server.process.pid) ?? { residentBytes: 0, descriptors: 0, threads: 0, children: [] };
}

async function inParallel(parallel: number, count: number, run: (index: number) => Promise<void>): Promise<void> {
  let next = 0;
  const lane = async () => {
    while (next < count) await run(next++);
  };
  await Promise.all(Array.from({ length: parallel }, lane));
}

function markFile(): Promise<Buffer> {
  return sharp({ create: { width: 20, height: 12, channels: 4, background: { r: 255, g: 255, b: 255, alpha: 0.5 } } })
    .png()
    .toBuffer();
}
