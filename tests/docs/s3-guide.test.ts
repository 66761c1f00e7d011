import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmod, mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { AwsServices } from "../support/aws-services.ts";
import { runExecutable } from "../support/executable.ts";
import type { TestMinio } from "../support/minio.ts";
import { requireOutput } from "./page-run.ts";
import { readPage } from "./pages.ts";
import { minioWithPhotos } from "./photo-bucket.ts";

const page = readPage("docs/s3-guide.md");
const checked = page.blocks.filter(({ marks }) => marks.some((mark) => mark.startsWith("check")));

/** What the page writes in place of the keys and the store of the reader. */
const EXAMPLE = {
  accessKeyId: "AKIAIOSFODNN7EXAMPLE",
  secretAccessKey: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY",
  endpoint: "http://minio.internal:9000",
};

describe("docs/s3-guide.md", () => {
  let folder: string;
  let minio: TestMinio;
  let services: AwsServices;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-s3-guide-"));
    minio = await minioWithPhotos("eu-west-1");
    services = await AwsServices.start(minio);
  }, 60_000);
  afterAll(async () => {
    await services.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const withRealNames = (text: string) =>
    text
      .replaceAll(EXAMPLE.accessKeyId, minio.credentials.accessKeyId)
      .replaceAll(EXAMPLE.secretAccessKey, minio.credentials.secretAccessKey)
      .replaceAll(EXAMPLE.endpoint, minio.endpoint);

  async function write(path: string, text: string): Promise<string> {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
    return file;
  }

  /** What the reader's platform puts into the environment, by the mark of a block; it stands for what the page takes for granted. */
  async function surroundings(mark: string): Promise<Record<string, string>> {
    switch (mark) {
      case "check=web-identity": {
        const token = await write("token", "WEB-TOKEN");
        return { AWS_WEB_IDENTITY_TOKEN_FILE: token, AWS_ROLE_ARN: "arn:aws:iam::123456789012:role/images" };
      }
      case "check=container":
        return { AWS_CONTAINER_CREDENTIALS_FULL_URI: `${services.endpoint}/container` };
      case "check=machine":
        return { AWS_EC2_METADATA_DISABLED: "false", AWS_EC2_METADATA_SERVICE_ENDPOINT: services.endpoint };
      case "check=process": {
        const { accessKeyId, secretAccessKey } = minio.credentials;
        const keys = { Version: 1, AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey };
        await chmod(await write("image-keys", `#!/bin/sh\necho '${JSON.stringify(keys)}'\n`), 0o755);
        return {};
      }
      default:
        return {};
    }
  }

  /** Files that the page shows above a block: below the home folder, or where the reader stands. */
  async function writeFilesAbove(line: number): Promise<void> {
    await rm(join(folder, "home"), { recursive: true, force: true });
    for (const { marks, text, line: at } of page.blocks) {
      const [name = ""] = marks;
      if (at > line || !/^~\/|\.json$/.test(name)) continue;
      const content = withRealNames(text).replaceAll("/usr/local/bin/image-keys", join(folder, "image-keys"));
      await write(name.replace(/^~/, "home"), content);
    }
  }

  test("has a block for every way to credentials", () => expect(checked.length).toBeGreaterThanOrEqual(10));

  test.each(checked.map((block) => [block.line, block.marks.join(" "), block] as const))(
    "line %d, %s: the settings lead to the object, as shown",
    async (line, mark, block) => {
      await writeFilesAbove(line);
      const env = {
        PATH: process.env["PATH"] ?? "",
        HOME: join(folder, "home"),
        AWS_EC2_METADATA_DISABLED: "true",
        AWS_ENDPOINT_URL_STS: services.endpoint,
        IMGPROXY_S3_ENDPOINT: minio.endpoint,
        IMGPROXY_ENV_LOCAL_FILE_PATH: await write("imgproxy.env", withRealNames(block.text)),
        ...(await surroundings(mark)),
      };
      const run = await runExecutable(["s3", "check", "s3://photos/cat.jpg"], { env, cwd: folder });
      expect(`${run.status} ${run.out}${run.err}`).toMatch(/^0 /);
      const next = page.blocks[page.blocks.indexOf(block) + 1];
      expect(next?.marks).toContain("output");
      requireOutput(page, withRealNames(next?.text ?? ""), { line, output: run.out });
    },
  );
});
