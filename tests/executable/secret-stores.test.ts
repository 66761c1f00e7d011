import { expect, test } from "bun:test";
import { runExecutable, startServer } from "../support/executable.ts";
import { SecretServices } from "../support/secret-services.ts";

test("a server takes its settings from AWS, and takes them anew on a reload", async () => {
  await using services = await SecretServices.start();
  services.awsSecrets.set("imgproxy", { "": "IMGPROXY_SECRET=first\n" });
  services.awsParameters.push({ Name: "/prod/IMGPROXY_SERVER/NAME", Value: "thumbs" });
  const env = {
    ...services.awsEnvironment,
    IMGPROXY_ENV_AWS_SECRET_ID: "imgproxy",
    IMGPROXY_ENV_AWS_SSM_PARAMETERS_PATH: "/prod",
  };
  await using server = await startServer({ env });
  expect((await fetch(`${server.url}/health`)).headers.get("Server")).toBe("thumbs");
  const status = async (secret: string) => {
    const headers = { Authorization: `Bearer ${secret}` };
    return (await fetch(`${server.url}/unsafe/nosuch:1/plain/x`, { headers })).status;
  };
  expect([await status("first"), await status("second")]).toEqual([404, 403]);
  services.awsSecrets.set("imgproxy", { "": "IMGPROXY_SECRET=second\n" });
  server.process.kill("SIGHUP");
  for (let tries = 0; (await status("second")) !== 404 && tries < 100; tries++) await Bun.sleep(20);
  expect([await status("first"), await status("second")]).toEqual([403, 404]);
});

test("commands read the stores, too, and say where a value is from", async () => {
  await using services = await SecretServices.start();
  services.gcpSecrets.set("projects/account-project/secrets/env/versions/latest:access", "IMGPROXY_QUALITY=30\n");
  const env = {
    IMGPROXY_ENV_GCP_SECRET_ID: "env",
    IMGPROXY_ENV_GCP_KEY: JSON.stringify(services.serviceAccount),
    CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER: services.url,
  };
  const { out } = await runExecutable(["config", "--json"], { env });
  const rows: { variable: string; value: string; origin: string }[] = JSON.parse(out);
  expect(rows.find(({ variable }) => variable === "IMGPROXY_QUALITY")).toMatchObject({
    value: "30",
    origin: "Google Secret Manager, env",
  });
  expect(out).not.toContain("PRIVATE KEY");
});

test("a store that cannot be read keeps the server from starting, in one line", async () => {
  await using services = await SecretServices.start();
  const env = { ...services.awsEnvironment, IMGPROXY_BIND: "127.0.0.1:0", IMGPROXY_ENV_AWS_SECRET_ID: "nowhere" };
  const { status, err } = await runExecutable([], { env });
  expect(status).toBe(1);
  expect(err).toBe(
    "imgproxy: IMGPROXY_ENV_AWS_SECRET_ID: cannot read from AWS Secrets Manager, nowhere: no such secret\n",
  );
});
