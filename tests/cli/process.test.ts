import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { run } from "../../src/cli/run.ts";

const folder = mkdtempSync(join(tmpdir(), "imgproxy-process-"));
const whole = join(folder, "whole.png");
/** Its header is good, its pixels are not. */
const broken = join(folder, "broken.webp");

beforeAll(async () => {
  const noise = { type: "gaussian", mean: 128, sigma: 60 } as const;
  const png = await sharp({ create: { width: 60, height: 40, channels: 3, background: "#369", noise } })
    .png()
    .toBuffer();
  writeFileSync(whole, png);
  const webp = await sharp(png).webp({ lossless: true }).toBuffer();
  writeFileSync(broken, webp.fill(0xff, Math.floor(webp.length / 3)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function cli(...args: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const terminal = { out: (text: string) => void out.push(text), err: (text: string) => void err.push(text) };
  const status = await run(["process", ...args], { ...terminal, isInteractive: false });
  return { status, out: out.join(""), err: err.join("") };
}

describe("imgproxy process --explain", () => {
  test("plans from the header, whatever becomes of the pixels", async () => {
    const planned = await cli(broken, "rs:fill:20:20", "--explain");
    expect(planned).toMatchObject({ status: 0, err: "" });
    expect(planned.out).toMatch(/^source +60×40$/m);
    expect(planned.out).toMatch(/^result +jpeg 20×20/m);
    expect(await cli(broken, "rs:fill:20:20", join(folder, "never.png"))).toMatchObject({ status: 1 });
  });

  test("says the same with a file to write to, and writes it", async () => {
    const out = join(folder, "out.webp");
    const written = await cli(whole, "rs:fill:20:20", out, "--explain");
    expect(written.out).toBe((await cli(whole, "rs:fill:20:20/f:webp", "--explain")).out);
    expect(await sharp(out).metadata()).toMatchObject({ format: "webp", width: 20, height: 20 });
  });

  test("tells of a source that goes out as it is", async () => {
    expect((await cli(whole, "skp:png", "--explain")).out).toBe("the png source is handed on as it is\n");
  });

  test("without it a place to write to is asked for", async () => {
    expect(await cli(whole, "w:10")).toMatchObject({ status: 1, err: expect.stringContaining("--explain") });
  });
});
