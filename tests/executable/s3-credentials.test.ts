/** Every way to credentials once more, through the executable: a bundle has lost single flight where the sources kept it. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import sharp from "sharp";
import { CASE_SECRETS, CREDENTIAL_CASES, CredentialStand } from "../support/credential-cases.ts";
import { startServer } from "../support/executable.ts";

let stand: CredentialStand;
let everyLog = "";

beforeAll(async () => {
  const pixels = { width: 8, height: 8, channels: 3, background: "teal" } as const;
  stand = await CredentialStand.start(await sharp({ create: pixels }).png().toBuffer());
});
beforeEach(() => stand.reset());
afterAll(() => stand.stop());

describe("the executable finds", () => {
  for (const { name, env, status = 200, parallel = 1, calls = {}, log, verify } of CREDENTIAL_CASES) {
    test(name, async () => {
      const server = await startServer({ env: { ...stand.baseEnv(), ...(await env(stand)) } });
      const url = `${server.url}/unsafe/raw:1/plain/s3://${stand.bucket}/a.png`;
      const answers = await Promise.all(
        Array.from({ length: parallel }, async () => {
          const answer = await fetch(url);
          return { status: answer.status, bytes: (await answer.bytes()).length };
        }),
      );
      await server.stop();
      everyLog += server.log();
      const wrong = answers.find((answer) => answer.status !== status);
      expect(wrong === undefined ? status : `${wrong.status}\n${server.log()}`).toBe(status);
      if (status === 200) expect(answers.every(({ bytes }) => bytes === stand.object.length)).toBe(true);
      for (const [kind, count] of Object.entries(calls)) {
        expect([kind, stand.services.calls.get(kind) ?? 0]).toEqual([kind, count]);
      }
      // The log puts messages into quotes of its own.
      if (log !== undefined) expect(server.log().replaceAll('\\"', '"')).toMatch(log);
      verify?.(stand);
    });
  }

  test("an image through it, processed", async () => {
    const server = await startServer({ env: { ...stand.baseEnv(), ...stand.rootKeys() } });
    const answer = await fetch(`${server.url}/unsafe/rs:fit:4:4/plain/s3://${stand.bucket}/a.png@webp`);
    expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "image/webp"]);
    expect((await sharp(await answer.bytes()).metadata()).width).toBe(4);
    await server.stop();
    everyLog += server.log();
  });

  test("keys as the URL means them: plain ones decoded once, base64 ones not at all", async () => {
    const keys = ["a b.png", "a%20b.png", "a+b.png", "a%b.png", "a#b.png", "a&b=c.png"];
    for (const key of keys) await stand.minio.put(stand.bucket, key, stand.object);
    const server = await startServer({ env: { ...stand.baseEnv(), ...stand.rootKeys() } });
    const read = async (path: string) => (await fetch(`${server.url}/unsafe/raw:1/${path}`)).status;
    for (const key of keys) {
      const url = `s3://${stand.bucket}/${key}`;
      expect([key, await read(Buffer.from(url).toString("base64url"))]).toEqual([key, 200]);
      expect([key, await read(`plain/${encodeURIComponent(url)}`)]).toEqual([key, 200]);
    }
    expect(await read(`plain/s3://${stand.bucket}/a%20b.png`)).toBe(200);
    expect(await read(`plain/s3://${stand.bucket}/a%2520b.png`)).toBe(200);
    await server.stop();
  });

  test("nothing of the store to tell a client", async () => {
    const server = await startServer({ env: { ...stand.baseEnv(), ...stand.rootKeys() } });
    for (const options of ["raw:1", "w:10"]) {
      const answer = await fetch(`${server.url}/unsafe/${options}/plain/s3://${stand.bucket}/missing.png`);
      expect([answer.status, await answer.text()]).toEqual([404, "Source is unreachable"]);
      expect([...answer.headers.keys()].filter((header) => header.startsWith("x-amz"))).toEqual([]);
    }
    await server.stop();
  });

  test("why s3:// does not work when it is off", async () => {
    const server = await startServer({ env: { ...stand.baseEnv(), ...stand.rootKeys(), IMGPROXY_USE_S3: "false" } });
    const answer = await fetch(`${server.url}/unsafe/plain/s3://${stand.bucket}/a.png`);
    expect(answer.status).toBe(404);
    await server.stop();
    expect(server.log()).toContain("IMGPROXY_USE_S3");
  });
});

test("no secret stands in any line of these logs", () => {
  expect(everyLog.length).toBeGreaterThan(1000);
  expect(everyLog).not.toMatch(CASE_SECRETS);
  expect(everyLog).not.toContain(stand.minio.credentials.secretAccessKey);
});
