import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { describeConfig } from "../../src/config/describe.ts";
import { loadEnvironment, publishEnvironment } from "../../src/config/environment.ts";
import { SecretServices } from "../support/secret-services.ts";

let folder: string;
let services: SecretServices;
const own = { ...process.env };
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "config-stores-"));
  services = await SecretServices.start();
  // The SDK looks there itself.
  Object.assign(process.env, services.awsEnvironment);
});
afterAll(async () => {
  for (const name of Object.keys(services.awsEnvironment)) {
    if (own[name] === undefined) delete process.env[name];
    else process.env[name] = own[name];
  }
  await services[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true, force: true });
});

const lastRequest = () => services.requests.at(-1);

test("without a store named nothing is asked and nothing changes", async () => {
  const before = services.requests.length;
  expect(await loadEnvironment({ A: "1" })).toEqual({ variables: { A: "1" }, file: null, credentials: new Map() });
  expect(services.requests.length).toBe(before);
});

describe("AWS Secrets Manager", () => {
  beforeAll(() => {
    services.awsSecrets.set("imgproxy/env", {
      "": 'IMGPROXY_QUALITY=50\nexport IMGPROXY_KEY="c0ffee"\nIMGPROXY_SALT=$IMGPROXY_KEY\nIMGPROXY_USER_AGENT="$A x"\n',
      "version-7": "IMGPROXY_QUALITY=7\n",
      AWSPREVIOUS: "IMGPROXY_QUALITY=6\n",
    });
    services.awsSecrets.set("broken", { "": 'A="no end' });
  });

  test("holds a file that overrides the environment", async () => {
    const environment = await loadEnvironment({
      A: "me",
      IMGPROXY_QUALITY: "90",
      IMGPROXY_ENV_AWS_SECRET_ID: "imgproxy/env",
    });
    const { config } = loadConfig(environment.variables, environment);
    expect(config.quality).toBe(50);
    expect(config.key).toHaveLength(1);
    expect(config.userAgent).toBe("me x");
    expect(lastRequest()?.headers.authorization).toContain("/us-west-1/secretsmanager/");
    const rows = describeConfig(environment);
    expect(rows.find(({ variable }) => variable === "IMGPROXY_QUALITY")?.origin).toBe(
      "AWS Secrets Manager, imgproxy/env",
    );
    publishEnvironment({ ...environment, variables: { IMGPROXY_QUALITY: "50" } });
    expect(process.env["IMGPROXY_QUALITY"]).toBe("50");
    for (const name of environment.stores?.keys() ?? []) delete process.env[name];
  });

  test.each([
    [{ IMGPROXY_ENV_AWS_SECRET_VERSION_ID: "version-7" }, "7"],
    [{ IMGPROXY_ENV_AWS_SECRET_VERSION_STAGE: "AWSPREVIOUS" }, "6"],
    [{ IMGPROXY_ENV_AWS_SECRET_VERSION_ID: "version-7", IMGPROXY_ENV_AWS_SECRET_VERSION_STAGE: "AWSPREVIOUS" }, "7"],
  ])("is read in the version of %p", async (env, expected) => {
    const { variables } = await loadEnvironment({ IMGPROXY_ENV_AWS_SECRET_ID: "imgproxy/env", ...env });
    expect(variables["IMGPROXY_QUALITY"]).toBe(expected);
  });

  test.each([
    [{ IMGPROXY_ENV_AWS_SECRET_REGION: "eu-west-3", AWS_REGION: "eu-west-1" }, "eu-west-3"],
    [{ AWS_REGION: "eu-west-1" }, "eu-west-1"],
    [{ AWS_DEFAULT_REGION: "eu-west-2" }, "eu-west-2"],
  ])("is asked in the region of %p", async (env, region) => {
    await loadEnvironment({ IMGPROXY_ENV_AWS_SECRET_ID: "imgproxy/env", ...env });
    expect(lastRequest()?.headers.authorization).toContain(`/${region}/secretsmanager/`);
  });

  test.each([
    ["nowhere", "no such secret"],
    ["broken", "line 1 has no closing quote"],
  ])("that cannot be read (%s) keeps the server from starting", (id, reason) => {
    const message = `IMGPROXY_ENV_AWS_SECRET_ID: cannot read from AWS Secrets Manager, ${id}: ${reason}`;
    expect(loadEnvironment({ IMGPROXY_ENV_AWS_SECRET_ID: id })).rejects.toThrow(message);
  });
});

describe("AWS Systems Manager", () => {
  test("holds a variable a parameter, slashes for underscores, in any number of pages", async () => {
    services.awsParameters.push(
      { Name: "/prod/IMGPROXY_QUALITY", Value: "40" },
      { Name: "/prod/IMGPROXY_CLOUD_WATCH/SERVICE_NAME", Value: "thumbs" },
      { Name: "/prod/IMGPROXY_TTL", Value: "60", DataType: "text" },
      { Name: "/prod/IMGPROXY_BIND", Value: "ami-1", DataType: "aws:ec2:image" },
      { Name: "/prod/IMGPROXY_WORKERS", Value: "3" },
      { Name: "/production/IMGPROXY_QUALITY", Value: "1" },
    );
    const { variables, stores } = await loadEnvironment({
      IMGPROXY_ENV_AWS_SSM_PARAMETERS_PATH: "/prod",
      IMGPROXY_ENV_AWS_SSM_PARAMETERS_REGION: "eu-west-3",
      IMGPROXY_BIND: ":8081",
    });
    expect(variables).toMatchObject({
      IMGPROXY_QUALITY: "40",
      IMGPROXY_CLOUD_WATCH_SERVICE_NAME: "thumbs",
      IMGPROXY_TTL: "60",
      IMGPROXY_BIND: ":8081",
      IMGPROXY_WORKERS: "3",
    });
    expect(stores?.get("IMGPROXY_TTL")).toBe("AWS Systems Manager, /prod");
    expect(lastRequest()?.headers.authorization).toContain("/eu-west-3/ssm/");
  });
});

describe("Google Secret Manager", () => {
  const base = () => ({
    IMGPROXY_ENV_GCP_SECRET_ID: "env",
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: `${services.url}/`,
    HOME: folder,
  });
  beforeAll(() => {
    services.gcpSecrets.set("projects/account-project/secrets/env/versions/latest:access", "IMGPROXY_QUALITY=30\n");
    services.gcpSecrets.set("projects/other/secrets/env/versions/3:access", "IMGPROXY_QUALITY=33\n");
    services.gcpSecrets.set("projects/machine-project/secrets/env/versions/latest:access", "IMGPROXY_QUALITY=31\n");
  });

  test("is read as the service account of a key", async () => {
    const key = JSON.stringify(services.serviceAccount);
    const { variables } = await loadEnvironment({ ...base(), IMGPROXY_ENV_GCP_KEY: key });
    expect(variables["IMGPROXY_QUALITY"]).toBe("30");
  });

  test("is read with a key that systemd has handed over", async () => {
    writeFileSync(join(folder, "IMGPROXY_ENV_GCP_KEY"), JSON.stringify(services.serviceAccount));
    const { variables } = await loadEnvironment({ ...base(), CREDENTIALS_DIRECTORY: folder });
    expect(variables["IMGPROXY_QUALITY"]).toBe("30");
    rmSync(join(folder, "IMGPROXY_ENV_GCP_KEY"));
  });

  test("is read in the project and version that are named", async () => {
    const file = join(folder, "key.json");
    writeFileSync(file, JSON.stringify(services.serviceAccount));
    const { variables } = await loadEnvironment({
      ...base(),
      GOOGLE_APPLICATION_CREDENTIALS: file,
      IMGPROXY_ENV_GCP_SECRET_PROJECT_ID: "other",
      IMGPROXY_ENV_GCP_SECRET_VERSION_ID: "3",
    });
    expect(variables["IMGPROXY_QUALITY"]).toBe("33");
  });

  test("is read as the machine where there is no key", async () => {
    const { variables } = await loadEnvironment({ ...base(), GCE_METADATA_HOST: new URL(services.url).host });
    expect(variables["IMGPROXY_QUALITY"]).toBe("31");
  });

  test.each([
    ["no JSON", "s3cr3t", "the key is no JSON"],
    [
      "no service account",
      '{"type":"authorized_user","refresh_token":"s3cr3t"}',
      "the key is not one of a service account",
    ],
  ])("with a key that is %s keeps the server from starting", async (_, key, reason) => {
    const failure = await loadEnvironment({ ...base(), IMGPROXY_ENV_GCP_KEY: key }).catch(
      (error: Error) => error.message,
    );
    expect(failure).toBe(`IMGPROXY_ENV_GCP_SECRET_ID: cannot read from Google Secret Manager, env: ${reason}`);
  });

  test("with a key of somebody else keeps the server from starting", async () => {
    await using others = await SecretServices.start();
    const key = { ...services.serviceAccount, private_key: others.serviceAccount["private_key"] };
    const failure = loadEnvironment({ ...base(), IMGPROXY_ENV_GCP_KEY: JSON.stringify(key) });
    expect(failure).rejects.toThrow("the token service of Google gives no token (status 401)");
  });
});

test("what comes later wins: Secrets Manager, Systems Manager, Google, the file", async () => {
  services.awsSecrets.set("order", { "": "A=1\nB=1\nC=1\nD=1\n" });
  for (const name of ["B", "C", "D"]) services.awsParameters.push({ Name: `/order/${name}`, Value: "2" });
  services.gcpSecrets.set("projects/account-project/secrets/order/versions/latest:access", "C=3$B\nD=3\n");
  const file = join(folder, "order.env");
  writeFileSync(file, "D=4\n");
  const { variables } = await loadEnvironment({
    A: "0",
    IMGPROXY_ENV_AWS_SECRET_ID: "order",
    IMGPROXY_ENV_AWS_SSM_PARAMETERS_PATH: "/order",
    IMGPROXY_ENV_GCP_SECRET_ID: "order",
    IMGPROXY_ENV_GCP_KEY: JSON.stringify(services.serviceAccount),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: services.url,
    IMGPROXY_ENV_LOCAL_FILE_PATH: file,
  });
  expect(variables).toMatchObject({ A: "1", B: "2", C: "32", D: "4" });
});
