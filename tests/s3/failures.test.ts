import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import type { S3Source } from "../../src/source/s3/s3-source.ts";
import type { S3Config } from "../../src/source/s3/settings/s3-config.ts";
import { FaultyStore, refusal, type Step } from "../support/faulty-store.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { Recorder } from "../support/s3-recorder.ts";
import { EMPTY_ENV, get, outcome, s3Source } from "../support/s3-source.ts";

const OBJECT = patternBytes(10_000);
const KEYS = { ...EMPTY_ENV, AWS_ACCESS_KEY_ID: "AKIATEST", AWS_SECRET_ACCESS_KEY: "TOP-SECRET" };

let store: FaultyStore;
let source: S3Source;
const recorder = new Recorder();

beforeAll(async () => {
  store = await FaultyStore.start(OBJECT);
  source = stand();
});

afterAll(() => store.stop());

function stand(config: Partial<S3Config> = {}): S3Source {
  const { logger, metrics } = recorder;
  return s3Source({ s3Endpoint: store.endpoint, s3Region: "eu-west-1", ...config }, { env: KEYS, logger, metrics });
}

async function after(...steps: Step[]) {
  const key = `case-${store.seen.length}`;
  const { status, bytes, error } = await outcome(source, store.script(key, ...steps));
  return {
    status,
    isObject: bytes !== undefined && Buffer.compare(bytes, OBJECT) === 0,
    requests: store.requests(key),
    error,
  };
}

const OBJECT_STEP: Step = { kind: "object" };

describe("refusals", () => {
  test.each<[number, string, number]>([
    [400, "InvalidArgument", 400],
    [401, "AccessDenied", 401],
    [403, "AccessDenied", 403],
    [403, "SignatureDoesNotMatch", 403],
    [403, "InvalidObjectState", 403],
    [404, "NoSuchKey", 404],
    [405, "MethodNotAllowed", 405],
    [412, "PreconditionFailed", 412],
    [429, "TooManyRequests", 429],
    [501, "NotImplemented", 502],
    [302, "Found", 404],
  ])("%d %s is answered at once with %d", async (status, code, expected) => {
    expect(await after(refusal(status, code))).toMatchObject({ status: expected, requests: 1 });
  });

  test("hand nothing of the store to the client", async () => {
    const { error } = await after(refusal(403, "AccessDenied", { "x-amz-request-id": "SECRET-ID" }));
    expect(error?.publicMessage).toBe("Source is unreachable");
    expect(error?.message).toContain("AccessDenied: said the store");
    expect(error?.message).not.toContain("SECRET");
    expect(error?.hint).toContain("s3:GetObject");
  });

  test("log what support will ask for", async () => {
    await after(refusal(403, "AccessDenied", { "x-amz-request-id": "ID-1", "x-amz-id-2": "ID-2" }));
    const line = recorder.lines.findLast(({ message }) => message === "S3 refused a request");
    expect(line).toMatchObject({
      level: "warn",
      fields: {
        bucket: "faulty",
        region: "eu-west-1",
        status: 403,
        code: "AccessDenied",
        request_id: "ID-1",
        id2: "ID-2",
        tries: 1,
        hops: 0,
      },
    });
    expect(line?.fields["headers_ms"]).toBeNumber();
  });

  test("say which storage class holds an archived object", async () => {
    const body = "<Error><Code>InvalidObjectState</Code><StorageClass>GLACIER</StorageClass></Error>";
    const { error } = await after({ kind: "answer", status: 403, body });
    expect(error?.message).toContain("storage class GLACIER");
  });

  test("without a body, or with a page of HTML, keep their status", async () => {
    expect(await after({ kind: "answer", status: 404 })).toMatchObject({ status: 404, requests: 1 });
    const html = {
      kind: "answer",
      status: 403,
      headers: { "content-type": "text/html" },
      body: "<html>no</html>",
    } as const;
    expect(await after(html)).toMatchObject({ status: 403, requests: 1 });
  });

  test("with a long message are cut short in ours", async () => {
    const body = `<Error><Code>AccessDenied</Code><Message>${"x".repeat(1000)}</Message></Error>${"y".repeat(1_000_000)}`;
    const { status, error } = await after({ kind: "answer", status: 403, body });
    expect([status, error?.message.length]).toEqual([403, expect.any(Number)]);
    expect(error?.message.length).toBeLessThan(1300);
  });

  test("with a body without end are read for 4 kB and let go of", async () => {
    const abandoned = store.abandoned;
    const started = performance.now();
    expect((await after({ kind: "drip", status: 403 })).status).toBe(403);
    expect(performance.now() - started).toBeLessThan(500);
    for (let turn = 0; turn < 100 && store.abandoned === abandoned; turn++) await Bun.sleep(5);
    expect(store.abandoned).toBe(abandoned + 1);
  });

  test("of plain http by a store that wants TLS say what to write", async () => {
    const location = store.endpoint.replace("http:", "https:");
    const { status, error } = await after({ kind: "answer", status: 301, headers: { location } });
    expect([status, error?.hint]).toEqual([404, expect.stringContaining("https:// in front")]);
  });
});

describe("what passes by itself", () => {
  test.each<[string, Step]>([
    ["503 SlowDown", refusal(503, "SlowDown")],
    ["500 InternalError", refusal(500, "InternalError")],
    ["502 without a body", { kind: "answer", status: 502 }],
    ["504", refusal(504, "GatewayTimeout")],
    ["400 RequestTimeout", refusal(400, "RequestTimeout")],
    ["429 with a throttling code", refusal(429, "ThrottlingException")],
    ["a reset connection", { kind: "reset" }],
  ])("%s is tried again", async (_, step) => {
    const retries = recorder.count("s3_retries_total");
    expect(await after(step, OBJECT_STEP)).toMatchObject({ status: 200, isObject: true });
    expect(recorder.count("s3_retries_total")).toBeGreaterThanOrEqual(retries + (step.kind === "reset" ? 0 : 1));
  });

  test.each<[string, Step, number]>([
    ["503 for ever is 502 after three tries", refusal(503, "SlowDown"), 502],
    ["400 RequestTimeout for ever keeps its status", refusal(400, "RequestTimeout"), 400],
  ])("%s", async (_, step, status) => {
    expect(await after(step)).toMatchObject({ status, requests: 3 });
  });

  test("a connection that is always reset is 404", async () => {
    const { status, requests, error } = await after({ kind: "reset" });
    expect([status, error?.kind]).toEqual([404, "source_unreachable"]);
    expect(requests).toBeGreaterThanOrEqual(3);
  });

  test("a port where nobody listens is 404 with the system's code and a hint", async () => {
    const nobody = stand({ s3Endpoint: "http://127.0.0.1:1" });
    const { status, error } = await outcome(nobody, "s3://faulty/a");
    expect([status, error?.message]).toEqual([404, expect.stringMatching(/ECONNREFUSED|ConnectionRefused/)]);
    expect(error?.hint).toContain("IMGPROXY_S3_ENDPOINT");
  });

  test("Retry-After is waited for, as long as there is time", async () => {
    const started = performance.now();
    expect((await after(refusal(503, "SlowDown", { "retry-after": "1" }), OBJECT_STEP)).status).toBe(200);
    expect(performance.now() - started).toBeGreaterThan(950);
  });

  test("a pause beyond the time left is not begun: the last answer counts", async () => {
    const hasty = stand({ downloadTimeoutSeconds: 1 });
    const started = performance.now();
    const url = store.script("hasty", refusal(503, "SlowDown", { "retry-after": "30" }));
    expect((await outcome(hasty, url)).status).toBe(502);
    expect(performance.now() - started).toBeLessThan(900);
  });
});

describe("silence", () => {
  test("is 504 when the time is up, the second try on a new connection", async () => {
    const hasty = stand({ downloadTimeoutSeconds: 1 });
    await after(OBJECT_STEP);
    const before = store.connections;
    const started = performance.now();
    const { status, error } = await outcome(hasty, store.script("silent", { kind: "hang" }));
    expect([status, error?.kind, store.requests("silent")]).toEqual([504, "source_timeout", 2]);
    expect(store.connections).toBe(before + 1);
    expect(performance.now() - started).toBeWithin(950, 1300);
  });

  test("of a half-dead pooled connection is survived by the second try", async () => {
    const hasty = stand({ downloadTimeoutSeconds: 1 });
    expect((await outcome(hasty, store.script("half dead", { kind: "hang" }, OBJECT_STEP))).bytes).toEqual(OBJECT);
    expect(store.requests("half dead")).toBe(2);
  });

  test("is waited out where AWS_MAX_ATTEMPTS allows one try only", async () => {
    const twice = s3Source(
      { s3Endpoint: store.endpoint, s3Region: "eu-west-1", downloadTimeoutSeconds: 1 },
      { env: { ...KEYS, AWS_MAX_ATTEMPTS: "1" } },
    );
    expect((await outcome(twice, store.script("one try", { kind: "hang" }))).status).toBe(504);
    expect(store.requests("one try")).toBe(1);
  });

  test("in the middle of a body is 504 when the time is up", async () => {
    const hasty = stand({ downloadTimeoutSeconds: 1 });
    const { status, error } = await outcome(hasty, store.script("stalled", { kind: "stall" }));
    expect([status, error?.kind]).toEqual([504, "source_timeout"]);
  });

  test("of a body that drips for ever is 504 when the time is up", async () => {
    const hasty = stand({ downloadTimeoutSeconds: 1 });
    expect((await outcome(hasty, store.script("dripping", { kind: "drip" }))).status).toBe(504);
  });

  test("of an idle connection that the store has closed is not noticed", async () => {
    await after(OBJECT_STEP);
    store.closeIdle();
    expect(await after(OBJECT_STEP)).toMatchObject({ status: 200, requests: 1 });
  });
});

describe("broken bodies", () => {
  test.each<[string, Step]>([
    ["cut short", { kind: "cut" }],
    ["shorter than announced", { kind: "lie" }],
    ["in chunks without an end", { kind: "cut chunks" }],
  ])("%s are 422 and not tried again", async (_, step) => {
    const { status, requests, error } = await after(step);
    expect([status, requests, error?.publicMessage]).toEqual([422, 1, "Source response is incomplete"]);
  });

  test("without a length are good", async () => {
    expect(await after({ kind: "no length" })).toMatchObject({ status: 200, isObject: true });
  });

  test("that are S3 errors with status 200 are 422", async () => {
    const body = '<?xml version="1.0"?>\n<Error><Code>InternalError</Code></Error>';
    const headers = { "content-type": "application/xml" };
    expect((await after({ kind: "answer", status: 200, headers, body })).status).toBe(422);
    const sized = { ...headers, "content-length": String(body.length) };
    expect((await after({ kind: "answer", status: 200, headers: sized, body })).status).toBe(422);
  });

  test("with status 204 are 422", async () => {
    expect((await after({ kind: "answer", status: 204 })).status).toBe(422);
  });

  test("that do not match their checksum are 422 where that is verified", async () => {
    const headers = { "content-type": "image/png", "x-amz-checksum-crc32": "AAAAAA==" };
    const step: Step = { kind: "answer", status: 200, headers, body: OBJECT };
    expect((await after(step)).status).toBe(200);
    const strict = stand({ s3VerifyChecksums: true });
    const { status, error } = await outcome(strict, store.script("wrong sum", step));
    expect([status, error?.message]).toEqual([422, expect.stringContaining("crc32")]);
    const parts: Step = { ...step, headers: { ...headers, "x-amz-checksum-crc32": "AAAAAA==-3" } };
    expect((await outcome(strict, store.script("sum of parts", parts))).status).toBe(200);
  });
});

describe("a client that goes away", () => {
  test("during a slow body closes the connection to the store at once", async () => {
    const gone = new AbortController();
    const response = await get(source, store.script("watched", { kind: "drip" }), {}, gone.signal);
    if (!(response.body instanceof ReadableStream)) throw new Error("expected a stream");
    const reader = response.body.getReader();
    await reader.read();
    const abandoned = store.abandoned;
    gone.abort(new AppError("cancelled", "the client is gone"));
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toMatchObject({ kind: "cancelled", status: 499 });
    for (let turn = 0; turn < 20 && store.abandoned === abandoned; turn++) await Bun.sleep(5);
    expect(store.abandoned).toBe(abandoned + 1);
  });

  test("while we wait between tries ends the waiting", async () => {
    const gone = new AbortController();
    const url = store.script("waiting", refusal(503, "SlowDown", { "retry-after": "2" }));
    const started = performance.now();
    setTimeout(() => gone.abort(new AppError("cancelled", "the client is gone")), 100);
    expect((await outcome(source, url, {}, gone.signal)).status).toBe(499);
    expect(performance.now() - started).toBeLessThan(500);
  });
});

describe("connections", () => {
  /** What is pooled can be closed as idle; whatever is left over would be a leak. */
  async function leftOver(): Promise<number> {
    for (let turn = 0; turn < 100 && store.openConnections > 0; turn++) {
      store.closeIdle();
      await Bun.sleep(10);
    }
    return store.openConnections;
  }

  test("are all closed after silence in any place", async () => {
    const quick = stand({ downloadTimeoutSeconds: 1 });
    const steps: Step[] = [{ kind: "hang" }, { kind: "stall" }, { kind: "drip" }, { kind: "drip", status: 503 }];
    const urls = Array.from({ length: 40 }, (_, index) =>
      store.script(`silence ${index}`, steps[index % steps.length] ?? OBJECT_STEP),
    );
    const outcomes = await Promise.all(urls.map((url) => outcome(quick, url)));
    expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set([504, 502]));
    expect(await leftOver()).toBe(0);
  });

  test("are all given back or closed after any mixture of failures", async () => {
    const steps: Step[] = [
      refusal(403, "AccessDenied"),
      { kind: "cut" },
      OBJECT_STEP,
      refusal(404, "NoSuchKey"),
      { kind: "no length" },
    ];
    const quick = stand({ downloadTimeoutSeconds: 1 });
    for (let round = 0; round < 10; round++) {
      await Promise.all(steps.map((step, index) => outcome(quick, store.script(`mixture ${round} ${index}`, step))));
    }
    expect(await leftOver()).toBe(0);
  });
});

test("no secret stands in any line of the log", () => {
  expect(recorder.lines.length).toBeGreaterThan(10);
  expect(JSON.stringify(recorder.lines)).not.toMatch(/TOP-SECRET|AWS4-HMAC|Signature=/);
});
