import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { loadContainer } from "../../src/source/s3/credentials/service-credentials.ts";
import type { S3Source } from "../../src/source/s3/s3-source.ts";
import { CASE_SECRETS, CREDENTIAL_CASES, CredentialStand } from "../support/credential-cases.ts";
import { Recorder } from "../support/s3-recorder.ts";
import { outcome, s3Source } from "../support/s3-source.ts";

let stand: CredentialStand;
const everyLine: string[] = [];

beforeAll(async () => {
  stand = await CredentialStand.start();
});
beforeEach(() => stand.reset());
afterAll(() => stand.stop());

/** A source in a given environment; the SDK's providers read `process.env`, which is that environment meanwhile. */
async function within<T>(
  env: Record<string, string>,
  use: (source: S3Source, recorder: Recorder) => Promise<T>,
): Promise<T> {
  const before = { ...process.env };
  const recorder = new Recorder();
  replaceEnv(env);
  const config = {
    s3Endpoint: env["IMGPROXY_S3_ENDPOINT"] ?? "",
    s3Region: env["IMGPROXY_S3_REGION"] ?? "",
    s3AssumeRoleArn: env["IMGPROXY_S3_ASSUME_ROLE_ARN"] ?? "",
    s3AssumeRoleExternalId: env["IMGPROXY_S3_ASSUME_ROLE_EXTERNAL_ID"] ?? "",
  };
  const source = s3Source(config, { env, logger: recorder.logger, metrics: recorder.metrics });
  try {
    return await use(source, recorder);
  } finally {
    await source.close();
    replaceEnv(before);
    everyLine.push(...recorder.lines.map((line) => JSON.stringify(line)));
  }
}

function replaceEnv(env: Readonly<Record<string, string | undefined>>): void {
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(env)) if (value !== undefined) process.env[name] = value;
}

function url(): string {
  return `s3://${stand.bucket}/a.png`;
}

describe("credentials", () => {
  for (const { name, env, status = 200, parallel = 1, calls = {}, log, verify } of CREDENTIAL_CASES) {
    test(name, async () => {
      const complete = { ...stand.baseEnv(), ...(await env(stand)) };
      await within(complete, async (source, recorder) => {
        const outcomes = await Promise.all(Array.from({ length: parallel }, () => outcome(source, url())));
        const wrong = outcomes.find((one) => one.status !== status);
        expect(wrong === undefined ? status : `${wrong.status} ${wrong.error?.message}`).toBe(status);
        if (status === 200) expect(outcomes.every(({ bytes }) => bytes?.length === stand.object.length)).toBe(true);
        for (const [kind, count] of Object.entries(calls))
          expect([kind, stand.services.calls.get(kind) ?? 0]).toEqual([kind, count]);
        if (log !== undefined) expect(recorder.lines.map(({ message }) => message).join("\n")).toMatch(log);
        verify?.(stand);
      });
    });
  }

  test("200 first requests to a cold source make one call for credentials", async () => {
    await within({ ...stand.baseEnv(), ...stand.metadata() }, async (source, recorder) => {
      const outcomes = await Promise.all(Array.from({ length: 200 }, () => outcome(source, url())));
      expect(outcomes.every(({ status }) => status === 200)).toBe(true);
      expect(stand.services.calls.get("metadata keys")).toBe(1);
      expect(recorder.count("s3_credential_refresh_total ok")).toBe(1);
    });
  });

  test("a new token in the file of EKS Pod Identity is used at the next renewal", async () => {
    const { behaviour } = stand.services;
    behaviour.token = "POD-TOKEN";
    const file = stand.write("pod-token", "POD-TOKEN");
    const env = {
      ...stand.baseEnv(),
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${stand.services.endpoint}/container`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: file,
    };
    const client = { region: "eu-west-1", endpoint: undefined, tls: undefined };
    expect(await loadContainer({ env, client })).toHaveProperty("accessKeyId");
    behaviour.token = "POD-TOKEN-2";
    stand.write("pod-token", "POD-TOKEN-2");
    expect(await loadContainer({ env, client })).toHaveProperty("accessKeyId");
  });

  test("a silent metadata service costs the first request a bounded time and the next none", async () => {
    stand.services.behaviour.isSilent = true;
    await within({ ...stand.baseEnv(), ...stand.metadata() }, async (source) => {
      const started = performance.now();
      expect((await outcome(source, url())).status).toBe(404);
      expect(performance.now() - started).toBeLessThan(4500);
      const again = performance.now();
      expect((await outcome(source, url())).status).toBe(404);
      expect(performance.now() - again).toBeLessThan(50);
    });
  }, 10_000);
});

test("no secret stands in any line of these logs", () => {
  expect(everyLine.length).toBeGreaterThan(CREDENTIAL_CASES.length);
  const text = everyLine.join("\n");
  expect(text).not.toMatch(CASE_SECRETS);
  expect(text).not.toContain(stand.minio.credentials.secretAccessKey);
});
