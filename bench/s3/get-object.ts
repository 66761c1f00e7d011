/**
 * What reading an object costs: our source against the SDK's GetObjectCommand (both handlers) and against `fetch` without a
 * signature, the limit. All in one run, in turns, against one MinIO on this machine.
 *
 *   bun bench/s3/get-object.ts [requests a round] [rounds]
 *
 * Ends with status 1 when the source is slower than 3 times the SDK or than 80 % of the limit.
 */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { minioServer } from "../../tests/support/minio.ts";
import { patternBytes } from "../../tests/support/pattern-bytes.ts";
import { get, keysOf, s3Source } from "../../tests/support/s3-source.ts";

const PARALLEL = 8;
const OBJECT_BYTES = 100_000;
/** So many that the code is compiled as far as it will be; a server is warm in its first seconds. */
const WARM_UP_REQUESTS = 4000;
const [requests = 500, rounds = 15] = process.argv.slice(2).map(Number);

type Way = { readonly name: string; readonly read: () => Promise<number> };
type Round = { readonly perSecond: number; readonly cpuMicros: number; readonly p50: number; readonly p99: number };

const minio = await minioServer();
const bucket = await minio.createBucket("bench", { isPublic: true });
await minio.put(bucket, "100k.png", patternBytes(OBJECT_BYTES));

const clientConfig = {
  endpoint: minio.endpoint,
  region: minio.region,
  credentials: minio.credentials,
  forcePathStyle: true,
} as const;
const command = { Bucket: bucket, Key: "100k.png" };
const source = s3Source({ s3Endpoint: minio.endpoint, s3Region: minio.region }, { env: keysOf(minio) });
const nodeClient = new S3Client(clientConfig);
const fetchClient = new S3Client({ ...clientConfig, requestHandler: new FetchHttpHandler({ keepAlive: true }) });

async function readWith(client: S3Client): Promise<number> {
  const { Body } = await client.send(new GetObjectCommand(command));
  return (await Body?.transformToByteArray())?.length ?? 0;
}

const WAYS: readonly Way[] = [
  {
    name: "fetch, unsigned (limit)",
    read: async () => (await (await fetch(`${minio.endpoint}/${bucket}/100k.png`)).bytes()).length,
  },
  {
    name: "this source",
    read: async () => {
      const { body } = await get(source, `s3://${bucket}/100k.png`);
      return body instanceof Uint8Array ? body.length : 0;
    },
  },
  { name: "SDK GetObject, node handler", read: () => readWith(nodeClient) },
  { name: "SDK GetObject, fetch handler", read: () => readWith(fetchClient) },
];

async function measure({ name, read }: Way, count: number): Promise<Round> {
  const times: number[] = [];
  let left = count;
  const worker = async () => {
    while (left-- > 0) {
      const started = performance.now();
      const bytes = await read();
      if (bytes !== OBJECT_BYTES) throw new Error(`${name} read ${bytes} bytes`);
      times.push(performance.now() - started);
    }
  };
  const cpu = process.cpuUsage();
  const started = performance.now();
  await Promise.all(Array.from({ length: PARALLEL }, worker));
  const seconds = (performance.now() - started) / 1000;
  const used = process.cpuUsage(cpu);
  times.sort((a, b) => a - b);
  const at = (part: number) => times[Math.floor(times.length * part)] ?? Number.NaN;
  return { perSecond: count / seconds, cpuMicros: (used.user + used.system) / count, p50: at(0.5), p99: at(0.99) };
}

/** The best of the rounds: whatever else runs on the machine can only slow one down. */
function best(rounds: readonly Round[]): Round {
  const least = (pick: (round: Round) => number) => Math.min(...rounds.map(pick));
  return {
    perSecond: Math.max(...rounds.map((round) => round.perSecond)),
    cpuMicros: least((round) => round.cpuMicros),
    p50: least((round) => round.p50),
    p99: least((round) => round.p99),
  };
}

const results = new Map<Way, Round[]>(WAYS.map((way) => [way, []]));
for (const way of WAYS) await measure(way, WARM_UP_REQUESTS);
for (let round = 0; round < rounds; round++) {
  for (const way of WAYS) results.get(way)?.push(await measure(way, requests));
}

console.log(
  `${OBJECT_BYTES} bytes, ${PARALLEL} in parallel, ${rounds} rounds of ${requests} requests, the best of each\n`,
);
console.log(`${"way".padEnd(30)}${["req/s", "CPU µs", "p50 ms", "p99 ms"].map((head) => head.padStart(9)).join("")}`);
const perSecond = new Map<string, number>();
for (const [way, measured] of results) {
  const round = best(measured);
  perSecond.set(way.name, round.perSecond);
  const cells = [round.perSecond.toFixed(0), round.cpuMicros.toFixed(0), round.p50.toFixed(2), round.p99.toFixed(1)];
  console.log(`${way.name.padEnd(30)}${cells.map((cell) => cell.padStart(9)).join("")}`);
}

const ours = perSecond.get("this source") ?? 0;
const sdk = Math.max(...[...perSecond].filter(([name]) => name.startsWith("SDK")).map(([, value]) => value));
const limit = perSecond.get("fetch, unsigned (limit)") ?? Number.POSITIVE_INFINITY;
console.log(
  `\n${(ours / sdk).toFixed(2)} times the faster SDK way (3 wanted), ${((ours / limit) * 100).toFixed(0)} % of the limit (80 wanted)`,
);
await source.close();
process.exit(ours >= 3 * sdk && ours >= 0.8 * limit ? 0 : 1);
