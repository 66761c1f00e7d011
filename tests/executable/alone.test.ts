import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { EXECUTABLE, runExecutable, startServer } from "../support/executable.ts";
import { minioServer } from "../support/minio.ts";

let folder: string;
let alone: string;
let images: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-alone-"));
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "empty"));
  alone = join(folder, "empty", "imgproxy");
  copyFileSync(EXECUTABLE, alone);
  images = join(folder, "images");
  mkdirSync(images);
  await sharp({ create: { width: 120, height: 80, channels: 3, background: "#3366cc" } })
    .jpeg()
    .toFile(join(images, "blue.jpg"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function sizeOf(response: Response) {
  const { width, height, format } = await sharp(Buffer.from(await response.arrayBuffer())).metadata();
  return `${format} ${width}x${height}`;
}

const LOCAL = "/unsafe/rs:fit:60:60/plain/local:///blue.jpg@webp";

describe("the executable, alone in an empty folder with an empty environment", () => {
  test("serves a local image", async () => {
    await using server = await startServer({
      executable: alone,
      cwd: join(folder, "empty"),
      env: { IMGPROXY_LOCAL_FILESYSTEM_ROOT: images },
    });
    const response = await fetch(server.url + LOCAL);
    expect(response.status).toBe(200);
    expect(response.headers.get("content-type")).toBe("image/webp");
    expect(await sizeOf(response)).toBe("webp 60x40");
  });

  test("serves an image from S3 with credentials of the environment", async () => {
    const minio = await minioServer();
    const bucket = await minio.createBucket("alone");
    await minio.put(bucket, "a/blue.jpg", await Bun.file(join(images, "blue.jpg")).bytes());
    await using server = await startServer({
      executable: alone,
      cwd: join(folder, "empty"),
      env: {
        IMGPROXY_USE_S3: "true",
        IMGPROXY_S3_ENDPOINT: minio.endpoint,
        IMGPROXY_S3_REGION: minio.region,
        AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
        AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
      },
    });
    const response = await fetch(`${server.url}/unsafe/w:30/plain/s3://${bucket}/a/blue.jpg@png`);
    expect(response.status).toBe(200);
    expect(await sizeOf(response)).toBe("png 30x20");
  });

  test("obeys no .env, bunfig.toml, tsconfig.json or package.json of its working directory", async () => {
    const trap = join(folder, "trap");
    mkdirSync(trap);
    writeFileSync(join(trap, ".env"), "IMGPROXY_PATH_PREFIX=/from-dotenv\nIMGPROXY_QUALITY=oops\n");
    writeFileSync(join(trap, "bunfig.toml"), 'preload = ["./preload.ts"]\n');
    writeFileSync(join(trap, "preload.ts"), "process.exit(77);\n");
    writeFileSync(join(trap, "tsconfig.json"), "{ broken");
    writeFileSync(join(trap, "package.json"), "{ broken");
    const shown = await runExecutable(["config", "--changed", "--json"], { executable: alone, cwd: trap });
    expect(shown.status).toBe(0);
    expect(shown.out).not.toContain("from-dotenv");
    await using server = await startServer({
      executable: alone,
      cwd: trap,
      env: { IMGPROXY_LOCAL_FILESYSTEM_ROOT: images },
    });
    expect((await fetch(server.url + LOCAL)).status).toBe(200);
  });
});

describe("the libraries of the executable", () => {
  const out = () => join(folder, `${Math.random().toString(36).slice(2)}.png`);
  const processBlue = (env: Record<string, string>, executable = alone) =>
    runExecutable(["process", join(images, "blue.jpg"), "w:30", out()], { executable, env });

  test("come out whole when first starts race", async () => {
    const env = { XDG_CACHE_HOME: join(folder, "race") };
    const results = await Promise.all([1, 2, 3, 4].map(() => processBlue(env)));
    expect(results.map(({ status, err }) => ({ status, isClean: !/error/i.test(err) }))).toEqual(
      Array(4).fill({ status: 0, isClean: true }),
    );
    expect(readdirSync(join(folder, "race/imgproxy/lib"))).toHaveLength(1);
  });

  test("are replaced and not loaded when somebody changed them", async () => {
    const env = { XDG_CACHE_HOME: join(folder, "tampered") };
    expect((await processBlue(env)).status).toBe(0);
    const library = new Bun.Glob("**/libvips-cpp*").scanSync({ cwd: join(folder, "tampered") }).next().value;
    const path = join(folder, "tampered", String(library));
    const original = await Bun.file(path).bytes();
    chmodSync(path, 0o700);
    // An ELF file that the loader would refuse loudly, had it been given to it.
    writeFileSync(
      path,
      original.map((byte, index) => (index > 64 ? byte ^ 0xff : byte)),
    );
    expect((await processBlue(env)).status).toBe(0);
    expect(Bun.hash(await Bun.file(path).bytes())).toBe(Bun.hash(original));
  });

  test("are loaded from memory where nothing can be written", async () => {
    for (const env of [{ IMGPROXY_LIBRARY_FOLDER: "/proc/nowhere" }, { IMGPROXY_LIBRARY_FOLDER: "/dev/null/x" }]) {
      expect(await processBlue(env)).toMatchObject({ status: 0 });
    }
  });

  test("serve a user without a home", async () => {
    expect(await processBlue({ HOME: "/dev/null/home", TMPDIR: join(folder) })).toMatchObject({ status: 0 });
  });

  test.if(process.getuid?.() === 0)("serve a user who is not root", async () => {
    const home = join(folder, "nobody");
    mkdirSync(home);
    chmodSync(home, 0o777);
    const child = Bun.spawn(
      [
        "setpriv",
        "--reuid=65534",
        "--regid=65534",
        "--clear-groups",
        alone,
        "process",
        join(images, "blue.jpg"),
        "w:30",
        join(home, "x.png"),
      ],
      { env: { HOME: "/root", PATH: "/usr/bin:/bin" }, stdout: "pipe", stderr: "pipe" },
    );
    expect({ status: await child.exited, err: await new Response(child.stderr).text() }).toMatchObject({ status: 0 });
  });
});
