import { describe, expect, test } from "bun:test";
import { join } from "node:path";
import sharp from "sharp";
import { findDeno } from "../support/deno.ts";
import { startServer } from "../support/executable.ts";

const root = join(import.meta.dir, "../..");

describe("the program run from source by Deno", () => {
  test("serves an image and stops in order", async () => {
    await using server = await startServer({
      executable: await findDeno(),
      args: () => ["run", "--allow-all", "--node-modules-dir=manual", "--no-lock", join(root, "src/main.ts")],
      cwd: root,
      env: {
        HOME: process.env["HOME"] ?? "/tmp",
        IMGPROXY_LOCAL_FILESYSTEM_ROOT: join(root, "src/cli/demo/samples"),
        IMGPROXY_KEY: "736563726574",
        IMGPROXY_SALT: "68656c6c6f",
        IMGPROXY_TRUSTED_SIGNATURES: "trusted",
      },
    });
    const answer = await fetch(`${server.url}/trusted/rs:fill:60:40/bl:1/plain/local:///chelsea.png@webp`);
    expect(answer.status).toBe(200);
    const { width, height, format } = await sharp(Buffer.from(await answer.arrayBuffer())).metadata();
    expect({ width, height, format }).toEqual({ width: 60, height: 40, format: "webp" });
    expect((await fetch(`${server.url}/wrong/w:9/plain/local:///chelsea.png`)).status).toBe(403);
    expect(await server.stop()).toBe(0);
  }, 180_000);
});
