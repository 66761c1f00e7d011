import { FaultyStore, refusal, type Step } from "../support/faulty-store.ts";
import { minioServer } from "../support/minio.ts";
import type { SeededRandom } from "../url/seeded-random.ts";
import type { SoakPicture } from "./pictures.ts";

const OBJECT: Step = { kind: "object" };
const ERROR_WITH_200: Step = { ...refusal(200, "InternalError"), kind: "answer", status: 200 };

/** Ways of a store whose object arrives all the same, and with them its ways to fail. One step a request. */
const GOOD_STEPS = {
  honest: [OBJECT],
  "no-length": [{ kind: "no length" }],
  busy: [refusal(503, "SlowDown"), OBJECT],
  "reset-once": [{ kind: "reset" }, OBJECT],
} satisfies Record<string, readonly Step[]>;

/** Each with the status that a client of ours gets. */
const BAD_STEPS = {
  silent: [504, { kind: "hang" }],
  stalled: [504, { kind: "stall" }],
  cut: [422, { kind: "cut" }],
  "cut-chunks": [422, { kind: "cut chunks" }],
  longer: [422, { kind: "lie" }],
  endless: [422, { kind: "drip" }],
  reset: [404, { kind: "reset" }],
  "always-busy": [502, refusal(503, "SlowDown")],
  failing: [502, refusal(500, "InternalError")],
  "late-error": [422, ERROR_WITH_200],
  words: [422, { kind: "answer", status: 200, body: "this is no picture" }],
} satisfies Record<string, readonly [status: number, step: Step]>;

/** Ways that the server waits for, and its workers with it: chosen less often than they would be by lot. */
const SLOW_WAYS: ReadonlySet<string> = new Set(["silent", "stalled", "always-busy", "failing"]);
const WAYS_TO_FAIL = Object.entries(BAD_STEPS);

/** Letters that an address of S3 or a URL may stumble over. */
const FOLDER = "été 2024/a+b & 100%#1";
/** Well formed, and of no object. */
const UNKNOWN_VERSION = "00000000-0000-4000-8000-000000000000";
const DENIED_BUCKET = "denied-by-setting";
const FAULTY_PICTURE = "progressive.jpg";

/** A source text for a plain URL, and the picture that it stands for. */
export type GoodObject = { readonly source: string; readonly picture: SoakPicture };
/** A source text, and the status that is right for it. */
export type BadObject = { readonly source: string; readonly status: number };

/** Buckets in a real MinIO, and one behind an endpoint that does what stores do on bad days. */
export type RoughBuckets = AsyncDisposable & {
  /** Settings of a server that reads them. */
  readonly env: Readonly<Record<string, string>>;
  pickGood(random: SeededRandom): GoodObject;
  pickBad(random: SeededRandom): BadObject;
};

export async function startRoughBuckets(pictures: readonly SoakPicture[]): Promise<RoughBuckets> {
  const minio = await minioServer();
  const plain = await minio.createBucket("soak");
  const versioned = await minio.createBucket("soak-versions", { isVersioned: true });
  const forbidden = await minio.createBucket("soak-forbidden");
  const stored: GoodObject[] = [];
  const overwritten: BadObject[] = [];
  for (const picture of pictures) {
    const key = `${FOLDER}/${picture.name}`;
    await minio.put(plain, key, picture.bytes);
    stored.push({ source: sourceOf(plain, key), picture });
    const version = await minio.put(versioned, key, picture.bytes);
    await minio.put(versioned, key, Buffer.from("this is no picture any more"));
    stored.push({ source: `${sourceOf(versioned, key)}%3F${version}`, picture });
    overwritten.push({ source: sourceOf(versioned, key), status: 422 });
    await minio.put(forbidden, picture.name, picture.bytes);
  }
  const refused: readonly BadObject[] = [
    { source: sourceOf(plain, "no/such object.jpg"), status: 404 },
    { source: sourceOf(forbidden, "large.jpg"), status: 403 },
    { source: sourceOf("no-such-bucket-anywhere", "large.jpg"), status: 403 },
    { source: sourceOf(DENIED_BUCKET, "large.jpg"), status: 404 },
    { source: `${sourceOf(versioned, `${FOLDER}/large.jpg`)}%3F${UNKNOWN_VERSION}`, status: 404 },
    // Encoded, or our own client would follow the dots before it asks.
    { source: `s3:%2F%2F${plain}%2Fa%2F..%2Flarge.jpg`, status: 400 },
  ];
  const faultyPicture = pictures.find(({ name }) => name === FAULTY_PICTURE);
  if (faultyPicture === undefined) throw new Error(`there is no ${FAULTY_PICTURE}`);
  const faulty = await startFaulty(faultyPicture);
  const credentials = await minio.temporaryCredentials(readersOf([plain, versioned]));
  return {
    env: {
      IMGPROXY_USE_S3: "true",
      IMGPROXY_S3_ENDPOINT: minio.endpoint,
      IMGPROXY_S3_REGION: minio.region,
      IMGPROXY_S3_DENIED_BUCKETS: DENIED_BUCKET,
      IMGPROXY_S3_BUCKETS: JSON.stringify({
        faulty: { endpoint: faulty.endpoint, accessKeyId: "A", secretAccessKey: "S" },
      }),
      AWS_ACCESS_KEY_ID: credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
      AWS_SESSION_TOKEN: credentials.sessionToken,
    },
    pickGood: (random) => {
      if (random.below(4) > 0) return random.pick(stored);
      return { source: faultySource(random.pick(Object.keys(GOOD_STEPS)), random), picture: faultyPicture };
    },
    pickBad: (random) => {
      const lot = random.below(4);
      if (lot === 0) return random.pick(overwritten);
      if (lot === 1) return random.pick(refused);
      const first = random.pick(WAYS_TO_FAIL);
      const [way, [status]] = SLOW_WAYS.has(first[0]) ? random.pick(WAYS_TO_FAIL) : first;
      return { source: faultySource(way, random), status };
    },
    [Symbol.asyncDispose]: () => faulty.stop(),
  };
}

async function startFaulty({ bytes }: SoakPicture): Promise<FaultyStore> {
  const store = await FaultyStore.start(bytes);
  for (const [way, steps] of Object.entries(GOOD_STEPS)) store.script(`${way}/`, ...steps);
  for (const [way, [, step]] of WAYS_TO_FAIL) store.script(`${way}/`, step);
  return store;
}

/** An object that nobody has asked for: its script begins with the first step. */
const faultySource = (way: string, random: SeededRandom) => sourceOf("faulty", `${way}/${random.below(2 ** 31)}.jpg`);

function sourceOf(bucket: string, key: string): string {
  return `s3://${bucket}/${key.split("/").map(encodeURIComponent).join("/")}`;
}

/** An inline policy: whoever has it can list and read these buckets, and nothing else. */
function readersOf(buckets: readonly string[]): object {
  const arns = buckets.map((bucket) => `arn:aws:s3:::${bucket}`);
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Allow", Action: ["s3:ListBucket"], Resource: arns },
      {
        Effect: "Allow",
        Action: ["s3:GetObject", "s3:GetObjectVersion"],
        Resource: arns.map((arn) => `${arn}/*`),
      },
    ],
  };
}
