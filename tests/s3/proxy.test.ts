import { afterAll, beforeAll, expect, test } from "bun:test";
import { CredentialStand } from "../support/credential-cases.ts";
import { ForwardProxy } from "../support/forward-proxy.ts";
import { probe } from "../support/s3-probe.ts";

let stand: CredentialStand;
let proxy: ForwardProxy;

beforeAll(async () => {
  stand = await CredentialStand.start();
  stand.reset();
  proxy = await ForwardProxy.start();
});

afterAll(async () => {
  await proxy.stop();
  await stand.stop();
});

test("HTTP_PROXY holds for S3 and STS, and not for the metadata service", async () => {
  const env = {
    ...stand.baseEnv(),
    ...stand.metadata(),
    HTTP_PROXY: proxy.url,
    IMGPROXY_S3_ASSUME_ROLE_ARN: "arn:aws:iam::123456789012:role/img",
  };
  expect(await probe(`s3://${stand.bucket}/a.png`, env)).toEqual({ statuses: [200], messages: [] });
  expect(stand.services.calls.get("metadata keys")).toBe(1);
  expect(proxy.hosts).toEqual([new URL(stand.services.endpoint).host, new URL(stand.minio.endpoint).host]);
});

test("NO_PROXY is honoured", async () => {
  proxy.hosts.length = 0;
  const env = { ...stand.baseEnv(), ...stand.rootKeys(), HTTP_PROXY: proxy.url, NO_PROXY: "127.0.0.1" };
  expect(await probe(`s3://${stand.bucket}/a.png`, env)).toEqual({ statuses: [200], messages: [] });
  expect(proxy.hosts).toEqual([]);
});
