/**
 * What reading an object costs: our source against the SDK's GetObjectCommand (both handlers) and against `fetch` without a
 * signature, the limit. All in one run, in turns, against a MinIO on this machine and against a store that costs nothing.
 *
 *   bun bench/s3/get-object.ts [requests a round] [rounds]
 *
 * The plain store shows what the client can do, as it is when the store has machines of its own: wanted are 3 times the SDK and 80 %
 * of the limit. MinIO takes more of the same processors than any client, and looks at signatures only where there are some: against
 * it all ways come nearer to each other, and the signed ones further from the limit. Ends with status 1 when a wish is missed.
 */
import { GetObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { FetchHttpHandler } from "@smithy/fetch-http-handler";
import { minioServer } from "../../tests/support/minio.ts";
import { patternBytes } from "../../tests/support/pattern-bytes.ts";
import { get, keysOf, s3Source } from "../../tests/support/s3-source.ts";

const PARALLEL = 8;
const OBJECT_BYTES = 100_000;
/** So many that the code is compiled as far as it will be; a server is warm after its first seconds. */
const WARM_UP_REQUESTS = 4000;
const [requests = 500, rounds = 15] = process.argv.slice(2).map(Number);

const LIMIT = "fetch, unsigned (limit)";
const OURS = "this source";
const SDK = "SDK GetObject";

type Way = { readonly name: string; readonly read: () => Promise<number> };
type Round = { readonly perSecond: number; readonly cpuMicros: number; readonly p50: number; readonly p99: number };
type TestedStore = { readonly endpoint: string; readonly bucket: string };

const minio = await minioServer();
const { credentials, region } = minio;
const key = "100k.png";

function waysTo({ endpoint, bucket }: TestedStore): readonly Way[] {
  const clientConfig = { endpoint, region, credentials, forcePathStyle: true } as const;
  const source = s3Source({ s3Endpoint: endpoint, s3Region: region }, { env: keysOf(minio) });
  const nodeClient = new S3Client(clientConfig);
  const fetchClient = new S3Client({ ...clientConfig, requestHandler: new FetchHttpHandler({ keepAlive: true }) });
  const readWith = async (client: S3Client) => {
    const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToByteArray())?.length ?? 0;
  };
  return [
    { name: LIMIT, read: async () => (await (await fetch(`${endpoint}/${bucket}/${key}`)).bytes()).length },
    {
      name: OURS,
      read: async () => {
        const { body } = await get(source, `s3://${bucket}/${key}`);
        return body instanceof Uint8Array ? body.length : 0;
      },
    },
    { name: `${SDK}, node handler`, read: () => readWith(nodeClient) },
    { name: `${SDK}, fetch handler`, read: () => readWith(fetchClient) },
  ];
}

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
function best(measured: readonly Round[]): Round {
  const least = (pick: (round: Round) => number) => Math.min(...measured.map(pick));
  return {
    perSecond: Math.max(...measured.map((round) => round.perSecond)),
    cpuMicros: least((round) => round.cpuMicros),
    p50: least((round) => round.p50),
    p99: least((round) => round.p99),
  };
}

/** Requests per second by way, after printing the table. */
async function compare(title: string, store: TestedStore): Promise<ReadonlyMap<string, number>> {
  const results = new Map<Way, Round[]>(waysTo(store).map((way) => [way, []]));
  for (const way of results.keys()) await measure(way, WARM_UP_REQUESTS);
  for (let round = 0; round < rounds; round++) {
    for (const [way, measured] of results) measured.push(await measure(way, requests));
  }
  console.log(
    `\n${title.padEnd(30)}${["req/s", "CPU µs", "p50 ms", "p99 ms"].map((head) => head.padStart(9)).join("")}`,
  );
  const perSecond = new Map<string, number>();
  for (const [way, measured] of results) {
    const round = best(measured);
    perSecond.set(way.name, round.perSecond);
    const cells = [round.perSecond.toFixed(0), round.cpuMicros.toFixed(0), round.p50.toFixed(2), round.p99.toFixed(1)];
    console.log(`  ${way.name.padEnd(28)}${cells.map((cell) => cell.padStart(9)).join("")}`);
  }
  return perSecond;
}

function timesSdk(perSecond: ReadonlyMap<string, number>): number {
  const sdk = [...perSecond].filter(([name]) => name.startsWith(SDK)).map(([, value]) => value);
  return (perSecond.get(OURS) ?? 0) / Math.max(...sdk);
}

function partOfLimit(perSecond: ReadonlyMap<string, number>): number {
  return (perSecond.get(OURS) ?? 0) / (perSecond.get(LIMIT) ?? Number.NaN);
}

console.log(
  `${OBJECT_BYTES} bytes, ${PARALLEL} in parallel, ${rounds} rounds of ${requests} requests, the best of each`,
);

const plain = Bun.spawn([process.execPath, `${import.meta.dir}/plain-store.ts`, String(OBJECT_BYTES)], {
  stdout: "pipe",
});
const port = Number(new TextDecoder().decode((await plain.stdout.getReader().read()).value));
const onPlain = await compare("plain store", { endpoint: `http://127.0.0.1:${port}`, bucket: "bench" });
plain.kill();

const bucket = await minio.createBucket("bench", { isPublic: true });
await minio.put(bucket, key, patternBytes(OBJECT_BYTES));
const onMinio = await compare("MinIO", { endpoint: minio.endpoint, bucket });

const factor = timesSdk(onPlain);
const part = partOfLimit(onPlain);
console.log(`\n${factor.toFixed(2)} times the faster SDK way (wanted: 3); on MinIO ${timesSdk(onMinio).toFixed(2)}`);
console.log(
  `${(part * 100).toFixed(0)} % of the limit (wanted: 80); on MinIO ${(partOfLimit(onMinio) * 100).toFixed(0)} %`,
);
process.exit(factor >= 3 && part >= 0.8 ? 0 : 1);
