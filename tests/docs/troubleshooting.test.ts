import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { freePort, type RunningServer, runExecutable, startServer } from "../support/executable.ts";
import type { TestMinio } from "../support/minio.ts";
import { requireOutput } from "./page-run.ts";
import { readPage } from "./pages.ts";
import { minioWithPhotos } from "./photo-bucket.ts";

const page = readPage("docs/troubleshooting.md");
const KEYS = { IMGPROXY_KEY: "736563726574", IMGPROXY_SALT: "68656c6c6f" };

type Env = Record<string, string>;

describe("docs/troubleshooting.md", () => {
  let folder: string;
  let minio: TestMinio;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-trouble-"));
    const photo = await sharp({ create: { width: 90, height: 60, channels: 3, background: "#579" } })
      .png()
      .toBuffer();
    await writeFile(join(folder, "photo.png"), photo);
    await writeFile(join(folder, "page.jpg"), "no image");
    minio = await minioWithPhotos("eu-west-1");
  }, 60_000);
  afterAll(async () => {
    await Promise.all([...servers.values()].map(async (server) => (await server).stop()));
    await rm(folder, { recursive: true, force: true });
  });

  const store = (): Env => ({
    IMGPROXY_USE_S3: "true",
    IMGPROXY_S3_ENDPOINT: minio.endpoint,
    IMGPROXY_S3_REGION: minio.region,
    AWS_EC2_METADATA_DISABLED: "true",
    HOME: folder,
  });
  const rootKeys = (): Env => ({
    AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
  });

  /** One for each set of settings; what it has logged for other scenes does no harm. */
  const servers = new Map<string, Promise<RunningServer>>();

  /** The log of a server with these settings that has been asked for these paths. */
  async function logOf(env: Env, paths: readonly string[]): Promise<string> {
    const name = JSON.stringify(env);
    const starting = servers.get(name) ?? startServer({ env: { IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder, ...env } });
    servers.set(name, starting);
    const server = await starting;
    for (const path of paths) {
      expect((await fetch(server.url + path)).ok).toBe(path === "/health");
      // The line follows the answer.
      while (path !== "/health" && !server.log().includes(path)) await Bun.sleep(5);
    }
    return server.log();
  }

  async function saidBy(args: readonly string[], env: Env): Promise<string> {
    const { out, err, status } = await runExecutable(args, { env, cwd: folder });
    expect(status).toBe(1);
    return out + err;
  }

  const checkS3 = (url: string, env: Env) => saidBy(["s3", "check", url], { ...store(), ...env });

  /** How to come to what a block of the page shows, by its mark. */
  const SCENES: Readonly<Record<string, () => Promise<string>>> = {
    "wrong-settings": () => saidBy([], { IMGPROXY_KEY: "aa", IMGPROXY_QUALITY: "500" }),
    "port-in-use": async () => {
      const other = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
      const said = await saidBy([], { IMGPROXY_BIND: `127.0.0.1:${other.port}` });
      await other.stop(true);
      return said;
    },
    "unknown-settings": () =>
      logOf({ IMGPROXY_ENABLE_WEBP_DETECTION: "1", IMGPROXY_WORKERZ: "3", IMGPROXY_LICENSE_KEY: "x" }, ["/health"]),
    forbidden: () => logOf(KEYS, ["/unsafe/w:100/plain/local:///photo.png"]),
    secret: () => logOf({ IMGPROXY_SECRET: "hush" }, ["/unsafe/w:100/plain/local:///photo.png"]),
    "signature-missing": () => logOf({}, ["/w:100/plain/local:///photo.png"]),
    "security-option": () => logOf({}, ["/unsafe/msr:10/plain/local:///photo.png"]),
    "invalid-url": () =>
      logOf(
        {},
        ["widht:100", "q:180", "pr:thumb"]
          .map((option) => `/unsafe/${option}/plain/local:///photo.png`)
          .concat("/unsafe/plain/local:///photo.png@wepb", "/unsafe/exp:1/plain/local:///photo.png"),
      ),
    "source-forbidden": async () =>
      (await logOf({ IMGPROXY_ALLOWED_SOURCES: "s3://photos/" }, ["/unsafe/plain/local:///photo.png"])) +
      (await logOf({}, [`/unsafe/plain/http://127.0.0.1:${await freePort()}/a.png`])),
    unreachable: () =>
      logOf(
        {},
        ["local:///nothing.jpg", "s3://photos/cat.jpg", "http://nobody.invalid/a.png"].map(
          (url) => `/unsafe/plain/${url}`,
        ),
      ),
    "s3-check": async () => {
      const { accessKeyId, secretAccessKey, sessionToken } = await minio.temporaryCredentials({
        Version: "2012-10-17",
        Statement: [{ Effect: "Deny", Action: ["s3:GetObject"], Resource: ["arn:aws:s3:::photos/*"] }],
      });
      const limited = {
        AWS_ACCESS_KEY_ID: accessKeyId,
        AWS_SECRET_ACCESS_KEY: secretAccessKey,
        AWS_SESSION_TOKEN: sessionToken,
      };
      return [
        await checkS3("s3://photos/nothing.jpg", rootKeys()),
        await checkS3("s3://no-such-bucket/cat.jpg", rootKeys()),
        await checkS3("s3://photos/cat.jpg", { ...rootKeys(), AWS_ACCESS_KEY_ID: "nobody" }),
        await checkS3("s3://photos/cat.jpg", { ...rootKeys(), AWS_SECRET_ACCESS_KEY: "wrong" }),
        await checkS3("s3://photos/cat.jpg", limited),
        await checkS3("s3://photos/cat.jpg", {
          ...rootKeys(),
          IMGPROXY_S3_ENDPOINT: `http://127.0.0.1:${await freePort()}`,
        }),
      ].join("\n");
    },
    "s3-region": () =>
      logOf({ ...store(), ...rootKeys(), IMGPROXY_S3_REGION: "eu-central-1" }, ["/unsafe/plain/s3://photos/cat.jpg"]),
    "s3-credentials": () => logOf(store(), ["/unsafe/plain/s3://photos/cat.jpg"]),
    "invalid-image": async () =>
      (await logOf({}, ["/unsafe/plain/local:///page.jpg@webp"])) +
      (await logOf({ IMGPROXY_MAX_SRC_RESOLUTION: "0.001" }, ["/unsafe/plain/local:///photo.png@webp"])) +
      (await logOf({ IMGPROXY_MAX_SRC_FILE_SIZE: "100" }, ["/unsafe/plain/local:///photo.png@webp"])),
  };

  const shown = page.blocks.filter(({ language }) => language === "text");

  test("has a scene for every text that it shows, and shows all", () =>
    expect(shown.map(({ marks }) => marks[0] ?? "").sort()).toEqual(Object.keys(SCENES).sort()));

  test.each(shown.map((block) => [block.marks[0] ?? "", block] as const))(
    "%s: the text is right",
    async (mark, block) => {
      const said = (await SCENES[mark]?.()) ?? "";
      requireOutput(page, block.text, { line: block.line, output: said });
    },
  );
});
