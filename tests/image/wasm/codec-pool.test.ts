import { afterAll, describe, expect, test } from "bun:test";
import {
  closeSync,
  existsSync,
  fstatSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readlinkSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { readJxlDecoding } from "../../../src/image/jxl-metadata.ts";
import type { RawImage } from "../../../src/image/types.ts";
import { CodecPool } from "../../../src/image/wasm/codec-pool.ts";
import { bindSharedFiles } from "../../../src/native/memory-file.ts";
import { fixture, isNear, NEVER, pixelAt } from "../samples.ts";

const pool = new CodecPool();
afterAll(() => pool.close());

const RED = [255, 0, 0];
const GREEN = [0, 255, 0];
const BLUE = [0, 0, 255];
const WHITE = [255, 255, 255];

/** Whether the four quadrants have these colours. */
function showsQuadrants(image: RawImage, colors: readonly (readonly number[])[], tolerance?: number): boolean {
  const [left, top, right, bottom] = [3, 3, image.width - 4, image.height - 4];
  const points = [
    [left, top],
    [right, top],
    [left, bottom],
    [right, bottom],
  ] as const;
  return points.every(([x, y], i) => isNear(pixelAt(image, x, y), colors[i] ?? [], tolerance));
}

/** Ends everything; what the pool started afterwards is a new process. */
const freshPool = (options = {}) => new CodecPool({ ...options });

describe("HEIC", () => {
  const decode = async (name: string, call = {}) =>
    pool.decodeHeic(await fixture(name), { signal: NEVER, maxPixels: 1e6, ...call });

  test("is decoded to RGB", async () => {
    const image = await decode("rgb-48x32.heic");
    expect([image.width, image.height, image.channels, image.bits]).toEqual([48, 32, 3, 8]);
    expect(showsQuadrants(image, [RED, GREEN, BLUE, WHITE])).toBeTrue();
  });

  test("keeps its alpha", async () => {
    const image = await decode("alpha-48x32.heic");
    expect(
      showsQuadrants(image, [
        [...RED, 0],
        [...GREEN, 255],
        [...BLUE, 255],
        [...WHITE, 255],
      ]),
    ).toBeTrue();
  });

  test("is turned as the file says", async () => {
    const image = await decode("turned-32x48.heic");
    expect([image.width, image.height]).toEqual([32, 48]);
    expect(showsQuadrants(image, [BLUE, RED, WHITE, GREEN])).toBeTrue();
  });

  test("of more than 8 bits comes in 16", async () => {
    const image = await decode("deep-24x16.heic");
    const deep = (color: readonly number[]) => color.map((v) => v * 257);
    expect(image.bits).toBe(16);
    expect(showsQuadrants(image, [RED, GREEN, BLUE, WHITE].map(deep), 800)).toBeTrue();
  });

  test("is its thumbnail when that is wanted", async () => {
    const sizeOf = ({ width, height }: RawImage) => [width, height];
    expect(sizeOf(await decode("thumbnail-128x96.heic"))).toEqual([128, 96]);
    expect(sizeOf(await decode("thumbnail-128x96.heic", { wantsThumbnail: true }))).toEqual([32, 24]);
  });

  test("without a thumbnail is decoded itself when one is wanted", async () => {
    expect((await decode("rgb-48x32.heic", { wantsThumbnail: true })).width).toBe(48);
  });

  test("with more pixels than allowed is refused before they are decoded", async () => {
    await expect(decode("rgb-48x32.heic", { maxPixels: 1000 })).rejects.toMatchObject({ kind: "invalid_image" });
  });
});

describe("JPEG XL", () => {
  const decode = async (name: string) => {
    const file = await fixture(name);
    return pool.decodeJxl(file, { ...readJxlDecoding(file), maxPixels: 1e6, signal: NEVER });
  };
  const quadrants = [
    [200, 50, 50],
    [50, 200, 50],
    [50, 50, 200],
    [220, 220, 220],
  ];

  test("is decoded from a container and from a bare stream, in its own channels", async () => {
    const color = await decode("container-48x32.jxl");
    expect(color.kind === "raw" && showsQuadrants(color.image, quadrants, 0)).toBeTrue();
    const grey = await decode("grey-48x32.jxl");
    expect(grey.kind === "raw" && showsQuadrants(grey.image, [[107], [174], [75], [220]], 0)).toBeTrue();
  });

  test.each(["grey-48x32.jxl", "p3-lossless-48x32.jxl", "power-lossy-48x32.jxl"])(
    "with more pixels than announced is refused: %s",
    async (name) => {
      const file = await fixture(name);
      const call = { ...readJxlDecoding(file), maxPixels: 1000, signal: NEVER };
      await expect(pool.decodeJxl(file, call)).rejects.toMatchObject({ kind: "invalid_image" });
    },
  );

  test("with frames is its first one", async () => {
    const first = await decode("frames-48x32.jxl");
    expect(
      first.kind === "raw" &&
        showsQuadrants(
          first.image,
          quadrants.map((c) => [...c, 255]),
          0,
        ),
    ).toBeTrue();
  });

  test("is turned as the file says", async () => {
    const turned = await decode("turned-32x48.jxl");
    expect(
      turned.kind === "raw" &&
        showsQuadrants(
          turned.image,
          [2, 0, 3, 1].map((i) => quadrants[i] ?? []),
        ),
    ).toBeTrue();
  });

  test("brings the profile in its compressed data along", async () => {
    const lossless = await decode("p3-lossless-48x32.jxl");
    expect(lossless.kind).toBe("raw");
    expect(lossless.icc?.length).toBeGreaterThan(300);
    const lossy = await decode("power-lossy-48x32.jxl");
    expect(lossy.kind).toBe("png");
    expect(lossy.icc?.length).toBeGreaterThan(300);
  });

  test.each([
    [1, 8],
    [2, 8],
    [3, 8],
    [4, 8],
    [3, 16],
    [4, 16],
  ] as const)("is written and read again with %d channels of %d bits", async (channels, bits) => {
    const width = 40;
    const height = 30;
    const ramp = (i: number) => Math.floor((i % (width * channels)) * (bits === 16 ? 300 : 1.2));
    const samples = Array.from({ length: width * height * channels }, (_, i) => ramp(i));
    const data = bits === 16 ? new Uint8Array(Uint16Array.from(samples).buffer) : Uint8Array.from(samples);
    const file = await pool.encodeJxl(
      { data, width, height, channels, bits },
      { quality: 95, effort: 3, signal: NEVER },
    );
    const back = await pool.decodeJxl(file, { channels, bits, profile: "known", maxPixels: 1e6, signal: NEVER });
    if (back.kind !== "raw") throw new Error("raw pixels were expected");
    const image = { data, width, height, channels, bits } as const;
    for (const [x, y] of [
      [5, 5],
      [20, 15],
      [35, 25],
    ] as const) {
      expect(isNear(pixelAt(back.image, x, y), pixelAt(image, x, y), bits === 16 ? 1500 : 6)).toBeTrue();
    }
  });

  test("gets smaller with less quality", async () => {
    const picture = await sharp({
      create: {
        width: 96,
        height: 96,
        channels: 3,
        background: "grey",
        noise: { type: "gaussian", mean: 128, sigma: 40 },
      },
    })
      .raw()
      .toBuffer();
    const size = async (quality: number) =>
      (
        await pool.encodeJxl(
          { data: picture, width: 96, height: 96, channels: 3, bits: 8 },
          { quality, effort: 3, signal: NEVER },
        )
      ).length;
    expect(await size(40)).toBeLessThan((await size(90)) / 2);
  });
});

describe("a codec process", () => {
  /** A program that never answers. */
  const SILENT = [process.execPath, "-e", "setInterval(() => {}, 1000)"] as const;

  test("is killed when the call is given up, and the next call has a new one", async () => {
    const own = freshPool({ processes: 1, command: SILENT });
    for (let i = 0; i < 2; i++) {
      const signal = AbortSignal.timeout(50);
      await expect(own.decodeHeic(new Uint8Array(9), { signal, maxPixels: 1 })).rejects.toMatchObject({
        kind: "cancelled",
      });
    }
    expect(childrenRunning("setInterval")).toEqual([]);
    await own.close();
  });

  test("that dies makes the file invalid, not the server", async () => {
    const own = freshPool({ command: [process.execPath, "-e", "process.exit(3)"] });
    await expect(own.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 })).rejects.toMatchObject({
      kind: "invalid_image",
      message: "decode-heic: the codec process ended (exit code 3)",
    });
    await own.close();
  });

  test("that dies over a drawing makes the drawing broken", async () => {
    const own = freshPool({ command: [process.execPath, "-e", "process.exit(3)"] });
    const kind = { density: 72, unlimited: { png: false, svg: false, tiff: false } } as const;
    const drawing = { ...kind, scale: 1, width: 9, height: 9 };
    const failure = { kind: "broken_image", status: 422 };
    await expect(own.measureSvg(new Uint8Array(9), { signal: NEVER, kind })).rejects.toMatchObject(failure);
    await expect(own.drawSvg(new Uint8Array(9), { signal: NEVER, drawing })).rejects.toMatchObject(failure);
    await own.close();
  });

  test("that cannot be started is our fault", async () => {
    const own = freshPool({ command: ["/nonexistent/program"] });
    await expect(own.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 })).rejects.toMatchObject({
      kind: "internal",
    });
    await own.close();
  });

  test("that closes its output and lives on makes the file invalid", async () => {
    const script = "require('node:fs').closeSync(1); setInterval(() => {}, 1000)";
    const own = freshPool({ command: [process.execPath, "-e", script] });
    await expect(own.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 })).rejects.toMatchObject({
      kind: "invalid_image",
      message: "decode-heic: the codec process ended (SIGKILL)",
    });
    await own.close();
  });

  test("does not inherit the environment", async () => {
    process.env["CODEC_POOL_TEST_SECRET"] = "1";
    const script = "process.exit(Object.keys(process.env).some((key) => key.startsWith('CODEC_POOL')) ? 7 : 8)";
    const own = freshPool({ command: [process.execPath, "-e", script] });
    await expect(own.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 })).rejects.toThrow("exit code 8");
    const told = freshPool({ command: [process.execPath, "-e", script], environment: { CODEC_POOL_SETTING: "1" } });
    await expect(told.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 })).rejects.toThrow("exit code 7");
    delete process.env["CODEC_POOL_TEST_SECRET"];
    await own.close();
  });

  test("ends after a while without work", async () => {
    const own = freshPool({ processes: 1, idleSeconds: 0.05 });
    const file = await fixture("rgb-48x32.heic");
    await own.decodeHeic(file, { signal: NEVER, maxPixels: 1e6 });
    const before = childrenRunning("codec-process").length;
    expect(before).toBeGreaterThan(0);
    const deadline = Date.now() + 3000;
    while (childrenRunning("codec-process").length >= before && Date.now() < deadline) await Bun.sleep(20);
    expect(childrenRunning("codec-process").length).toBe(before - 1);
    expect((await own.decodeHeic(file, { signal: NEVER, maxPixels: 1e6 })).width).toBe(48);
    await own.close();
  });
});

test("a process that died while it had no work is replaced", async () => {
  const own = freshPool({ processes: 1 });
  const file = await fixture("rgb-48x32.heic");
  await own.decodeHeic(file, { signal: NEVER, maxPixels: 1e6 });
  for (const pid of childrenRunning("codec-process")) process.kill(pid, "SIGKILL");
  while (childrenRunning("codec-process").length > 0) await Bun.sleep(5);
  await Bun.sleep(20);
  expect((await own.decodeHeic(file, { signal: NEVER, maxPixels: 1e6 })).width).toBe(48);
  await own.close();
});

describe("a file in memory that a process hands pixels over in", () => {
  const made: number[] = [];
  const create = bindSharedFiles();
  const createSharedFile = () => {
    const file = create();
    if (file !== null) made.push(file);
    return file;
  };
  const unlimited = { png: false, svg: false, tiff: false };
  const drawing = { density: 72, unlimited, scale: 4, width: 160, height: 120 } as const;
  const svg = Buffer.from(
    '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"><path d="M3 4L30 9 20 28Z"/></svg>',
  );

  test("brings the same pixels as the pipe, whatever it held before, and keeps little memory", async () => {
    const own = freshPool({ processes: 1, createSharedFile });
    const large = { ...drawing, scale: 40, width: 1600, height: 1200 };
    for (const size of [drawing, large, drawing]) {
      const piped = await pool.drawSvg(svg, { drawing: size, signal: NEVER });
      const shared = await own.drawSvg(svg, { drawing: size, signal: NEVER });
      expect(shared.data.length).toBe(size.width * size.height * 4);
      expect(Buffer.from(shared.data).equals(Buffer.from(piped.data))).toBeTrue();
    }
    expect(made.map((file) => fstatSync(file).size)).toEqual(process.platform === "linux" ? [4 * 2 ** 20] : []);
    await own.close();
  });

  test("is closed with its process", async () => {
    made.length = 0;
    const own = freshPool({ processes: 1, createSharedFile });
    await own.drawSvg(svg, { drawing, signal: NEVER });
    await own.close();
    const isOpen = (file: number) => existsSync(`/proc/self/fd/${file}`) && linkOf(file).includes("imgproxy-shared");
    const deadline = Date.now() + 3000;
    while (made.some(isOpen) && Date.now() < deadline) await Bun.sleep(5);
    expect(made.filter(isOpen)).toEqual([]);
  });

  test("is not mixed up with other files when its process ends while it is read", async () => {
    const bytes = 24 * 2 ** 20;
    const layout = { width: 1, height: 1, channels: 4, bits: 8 };
    const head = JSON.stringify({ outcome: "image", layout, residentBytes: 1, iccBytes: 0, sharedBytes: bytes });
    const script = `process.stdin.once("data", () => {
      require("node:fs").writeSync(3, Buffer.alloc(${bytes}, 7), 0, ${bytes}, 0);
      const prefix = Buffer.alloc(12);
      prefix.writeUInt32BE(${head.length});
      process.stdout.write(Buffer.concat([prefix, Buffer.from(${JSON.stringify(head)})]), () => process.kill(process.pid, 9));
    })`;
    const folder = mkdtempSync(join(tmpdir(), "imgproxy-shared-"));
    const path = join(folder, "bystander");
    writeFileSync(path, "untouched");
    const opened: number[] = [];
    // Takes whatever number becomes free, as soon as it does.
    const opener = setInterval(() => opened.push(openSync(path, "r+")), 1);
    try {
      for (let round = 0; round < 5; round++) {
        const own = freshPool({ command: [process.execPath, "-e", script], createSharedFile });
        const outcome = await own.drawSvg(svg, { drawing, signal: NEVER }).then(
          ({ data }) => (data.length === bytes && data.every((byte) => byte === 7) ? "whole" : "wrong"),
          (error) => error.kind,
        );
        expect(outcome).toBeOneOf(["whole", "broken_image"]);
        await own.close();
      }
      expect(readFileSync(path, "utf8")).toBe("untouched");
    } finally {
      clearInterval(opener);
      for (const file of opened) closeSync(file);
      rmSync(folder, { recursive: true });
    }
  });

  test("that is shorter than announced makes the drawing broken", async () => {
    const head = JSON.stringify({ outcome: "image", layout: {}, residentBytes: 1, iccBytes: 0, sharedBytes: 99 });
    const script = `process.stdin.once("data", () => {
      const prefix = Buffer.alloc(12);
      prefix.writeUInt32BE(${head.length});
      process.stdout.write(Buffer.concat([prefix, Buffer.from(${JSON.stringify(head)})]));
    })`;
    made.length = 0;
    const own = freshPool({ command: [process.execPath, "-e", script], createSharedFile });
    // Without such files no process says so.
    if (process.platform === "linux") {
      const call = own.drawSvg(svg, { drawing, signal: NEVER });
      await expect(call).rejects.toMatchObject({ kind: "broken_image" });
      const deadline = Date.now() + 3000;
      while (childrenRunning("sharedBytes").length > 0 && Date.now() < deadline) await Bun.sleep(5);
      expect(childrenRunning("sharedBytes")).toEqual([]);
    }
    await own.close();
  });
});

function linkOf(file: number): string {
  return readlinkSync(`/proc/self/fd/${file}`);
}

describe("the queue", () => {
  test("has a bound, and waiting calls leave it when they are given up", async () => {
    const own = freshPool({
      processes: 1,
      waiting: 1,
      command: [process.execPath, "-e", "setInterval(() => {}, 1000)"],
    });
    const [running, waiting] = [new AbortController(), new AbortController()];
    const call = (signal: AbortSignal) => own.decodeHeic(new Uint8Array(9), { signal, maxPixels: 1 });
    const first = call(running.signal);
    const second = call(waiting.signal);
    await expect(call(NEVER)).rejects.toMatchObject({ kind: "too_many_requests" });
    waiting.abort(new Error("left"));
    await expect(second).rejects.toMatchObject({ kind: "cancelled", message: "left" });
    const third = call(waiting.signal);
    await expect(third).rejects.toMatchObject({ kind: "cancelled" });
    running.abort(new Error("stop"));
    await expect(first).rejects.toMatchObject({ message: "stop" });
    await own.close();
  });

  test("serves every call, in any number", async () => {
    const own = freshPool({ processes: 2 });
    const file = await fixture("rgb-48x32.heic");
    const widths = await Promise.all(
      Array.from({ length: 12 }, async () => (await own.decodeHeic(file, { signal: NEVER, maxPixels: 1e6 })).width),
    );
    expect(widths).toEqual(Array(12).fill(48));
    await own.close();
  });

  test("is emptied when the pool closes", async () => {
    const own = freshPool({ processes: 1, command: [process.execPath, "-e", "setInterval(() => {}, 1000)"] });
    const calls = [1, 2].map(() => own.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 }));
    const outcomes = Promise.allSettled(calls);
    await own.close();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { kind: "cancelled" } });
    await expect(own.decodeHeic(new Uint8Array(9), { signal: NEVER, maxPixels: 1 })).rejects.toMatchObject({
      kind: "cancelled",
    });
  });
});

/** Own child processes whose command line holds a word. */
function childrenRunning(word: string): number[] {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, "utf8").trim().split(" ").filter(Boolean);
  return children.map(Number).filter((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, "utf8").includes(word);
    } catch {
      return false;
    }
  });
}
