import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readAwsSettings } from "../../../src/source/s3/settings/aws-settings.ts";
import { baseUrl, missingSchemeWarning } from "../../../src/source/s3/settings/endpoint-url.ts";
import { EMPTY_ENV } from "../../support/s3-source.ts";

const folder = mkdtempSync(join(tmpdir(), "aws-settings-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function configFile(content: string): string {
  const path = join(folder, `config-${Bun.hash(content)}`);
  writeFileSync(path, content);
  return path;
}

describe("readAwsSettings", () => {
  test("has AWS's defaults where nothing is set", async () => {
    expect(await readAwsSettings(EMPTY_ENV)).toEqual({
      region: "us-west-1",
      regionFrom: "the default",
      endpoint: undefined,
      stsEndpoint: undefined,
      kmsEndpoint: undefined,
      usesFips: false,
      usesDualStack: false,
      usesArnRegion: true,
      allowsMultiRegionAccessPoints: true,
      maxTries: 3,
    });
  });

  test("reads the profile", async () => {
    const AWS_CONFIG_FILE = configFile(
      "[profile web]\nregion = eu-north-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\ns3_use_arn_region = false\nmax_attempts = 5\nendpoint_url = http://all.example\n",
    );
    expect(await readAwsSettings({ ...EMPTY_ENV, AWS_CONFIG_FILE, AWS_PROFILE: "web" })).toMatchObject({
      region: "eu-north-1",
      regionFrom: 'profile "web"',
      endpoint: "http://all.example",
      stsEndpoint: "http://all.example",
      usesFips: true,
      usesDualStack: true,
      usesArnRegion: false,
      maxTries: 5,
    });
  });

  test("lets variables win over the profile", async () => {
    const AWS_CONFIG_FILE = configFile("[default]\nregion = eu-north-1\nuse_fips_endpoint = true\nmax_attempts = 5\n");
    const env = { AWS_REGION: "eu-west-3", AWS_USE_FIPS_ENDPOINT: "false", AWS_MAX_ATTEMPTS: "2" };
    expect(await readAwsSettings({ ...EMPTY_ENV, AWS_CONFIG_FILE, ...env })).toMatchObject({
      region: "eu-west-3",
      regionFrom: "AWS_REGION",
      usesFips: false,
      maxTries: 2,
    });
  });

  test.each<[Record<string, string>, string | undefined, string | undefined]>([
    [{ AWS_ENDPOINT_URL: "http://all" }, "http://all", "http://all"],
    [{ AWS_ENDPOINT_URL: "http://all", AWS_ENDPOINT_URL_S3: "http://s3" }, "http://s3", "http://all"],
    [{ AWS_ENDPOINT_URL_STS: "http://sts" }, undefined, "http://sts"],
    [{ AWS_ENDPOINT_URL_S3: "http://s3", AWS_IGNORE_CONFIGURED_ENDPOINT_URLS: "true" }, undefined, undefined],
  ])("takes the endpoints out of %p", async (env, endpoint, stsEndpoint) => {
    expect(await readAwsSettings({ ...EMPTY_ENV, ...env })).toMatchObject({ endpoint, stsEndpoint });
  });

  test("reads the endpoints of the services section that the profile names", async () => {
    const AWS_CONFIG_FILE = configFile(
      "[default]\nservices = local\nendpoint_url = http://all\n[services local]\ns3 =\n  endpoint_url = http://s3\n",
    );
    const settings = await readAwsSettings({ ...EMPTY_ENV, AWS_CONFIG_FILE });
    expect(settings).toMatchObject({ endpoint: "http://s3", stsEndpoint: "http://all" });
  });

  test.each(["0", "-1", "x", "1.5"])("does not take %s for a number of tries", async (AWS_MAX_ATTEMPTS) => {
    expect((await readAwsSettings({ ...EMPTY_ENV, AWS_MAX_ATTEMPTS })).maxTries).toBe(3);
  });
});

describe("endpoints", () => {
  test("without a scheme are http", () => {
    expect(baseUrl("minio:9000")).toBe("http://minio:9000");
    expect(baseUrl("https://minio:9000/base")).toBe("https://minio:9000/base");
  });

  test.each(["s3.example.com", "s3.eu-central-003.backblazeb2.com:443", "minio.example.org/base"])(
    "%s is hardly meant to be plain http",
    (endpoint) => {
      expect(missingSchemeWarning(endpoint)).toContain(`write https://${endpoint}`);
    },
  );

  test.each([
    "",
    "https://s3.example.com",
    "http://s3.example.com",
    "minio:9000",
    "10.0.0.1:9000",
    "[::1]:9000",
    "minio.default.svc",
    "nas.local",
    "minio.internal:9000",
  ])("%p needs no word", (endpoint) => {
    expect(missingSchemeWarning(endpoint)).toBeUndefined();
  });
});
