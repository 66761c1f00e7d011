import { afterAll, describe, expect, test } from "bun:test";
import { deflateSync } from "node:zlib";
import { AppError } from "../../../src/errors.ts";
import { CodecPool } from "../../../src/image/wasm/codec-pool.ts";
import { failureOf } from "../../support/failure.ts";
import { noise, open, plain, png, quarters } from "../pictures.ts";
import { NO_CODECS, randomNumbers, run } from "../requests.ts";

const codecs = new CodecPool();
afterAll(() => codecs.close());

const picture = open(noise({ width: 64, height: 48, channels: 3 }));
const FILES: Readonly<Record<string, Buffer>> = {
  jpeg: await picture.clone().jpeg().toBuffer(),
  png: await picture.clone().png().toBuffer(),
  webp: await picture.clone().webp().toBuffer(),
  gif: await picture.clone().gif({ effort: 1 }).toBuffer(),
  tiff: await picture.clone().tiff().toBuffer(),
  avif: await picture.clone().avif({ effort: 0 }).toBuffer(),
  bmp: Buffer.from((await run(await png(quarters(20, 10)), "@bmp")).bytes),
  ico: Buffer.from((await run(await png(quarters(20, 10)), "@ico")).bytes),
  svg: Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'),
};

/** Either a picture or a clear answer that blames the source. */
async function outcome(bytes: Uint8Array, text: string): Promise<string> {
  try {
    const { format } = await run(bytes, text, { codecs });
    return format;
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return String(error.status);
  }
}

describe("broken sources", () => {
  test.each(Object.keys(FILES))("a %s that ends early is a picture or a 422", async (name) => {
    const file = FILES[name] ?? Buffer.alloc(0);
    for (const share of [0, 0.02, 0.1, 0.4, 0.8, 0.98]) {
      const cut = file.subarray(0, Math.floor(file.length * share));
      for (const text of ["w:20@png", "t:5/w:10@jpg"])
        expect(["png", "jpeg", "422"]).toContain(await outcome(cut, text));
    }
  });

  test.each(Object.keys(FILES))("a %s with wrong bytes is a picture or a 422", async (name) => {
    const random = randomNumbers(name.length * 7919);
    for (let round = 0; round < 12; round++) {
      const file = Buffer.from(FILES[name] ?? []);
      for (let change = 0; change < 6; change++) file[Math.floor(random() * file.length)] = Math.floor(random() * 256);
      expect(["png", "422"]).toContain(await outcome(file, "w:20@png"));
    }
  });

  test("an empty file and a text are refused", async () => {
    for (const bytes of [Buffer.alloc(0), Buffer.from("just some text")]) {
      expect((await failureOf(run(bytes, "w:20"))).status).toBe(422);
    }
  });
});

/** A PNG whose header promises any size, with almost nothing behind it. */
async function lyingPng(width: number, height: number): Promise<Buffer> {
  const file = Buffer.from(await plain(1, 1, [1, 2, 3]));
  file.writeUInt32BE(width, 16);
  file.writeUInt32BE(height, 20);
  const { crc32 } = await import("node:zlib");
  file.writeUInt32BE(crc32(file.subarray(12, 29)), 29);
  return file;
}

describe("bombs", () => {
  test("are refused from the header", async () => {
    const started = performance.now();
    const failure = await failureOf(run(await lyingPng(30_000, 30_000), "w:20@png"));
    expect(failure.kind).toBe("invalid_image");
    expect(failure.message).toContain("900 Mpx");
    expect(performance.now() - started).toBeLessThan(500);
  });

  test("that stay below the limit are partial pictures or refusals, not crashes", async () => {
    expect(["png", "422"]).toContain(await outcome(await lyingPng(3000, 3000), "w:20@png"));
  });

  test("made of results are refused before a pixel is made", async () => {
    const started = performance.now();
    for (const text of [
      "w:60000/h:60000@png",
      "rs:force:40000:40000:1@webp",
      "pd:30000@png",
      "ex:1/w:50000/h:50000@jpg",
    ]) {
      const failure = await failureOf(run(FILES["svg"] ?? Buffer.alloc(0), text));
      expect([failure.kind, failure.status]).toEqual(["unsupported_target", 422]);
      expect(failure.hint).toContain("IMGPROXY_MAX_RESULT_DIMENSION");
    }
    expect(performance.now() - started).toBeLessThan(1000);
  });

  test("of compressed text do not unpack without end", async () => {
    const chunk = deflateSync(Buffer.alloc(2_000_000, 0x41));
    const body = Buffer.concat([Buffer.from("zTXtComment\0\0", "latin1"), chunk]);
    const { crc32 } = await import("node:zlib");
    const head = Buffer.alloc(4);
    head.writeUInt32BE(body.length - 4);
    const tail = Buffer.alloc(4);
    tail.writeUInt32BE(crc32(body));
    const source = await plain(8, 8, [1, 2, 3]);
    const file = Buffer.concat([source.subarray(0, 33), head, body, tail, source.subarray(33)]);
    expect(["png", "422"]).toContain(await outcome(file, "w:4@png"));
  });
});

describe("requests that end", () => {
  test("a request that was given up stops between passes", async () => {
    const controller = new AbortController();
    controller.abort(new AppError("cancelled", "the client left"));
    const failure = await failureOf(run(FILES["png"] ?? Buffer.alloc(0), "w:20@png", { signal: controller.signal }));
    expect(failure.kind).toBe("cancelled");
  });

  test("a deadline that passes during the work is heard", async () => {
    const source = await png(noise({ width: 800, height: 600, channels: 3 }));
    const controller = new AbortController();
    setTimeout(() => controller.abort(new AppError("timeout", "too late")), 5);
    const failure = await failureOf(run(source, "bl:20/sh:2/pix:3@avif", { signal: controller.signal }));
    expect(failure.kind).toBe("timeout");
  });

  test("a codec that fails blames the source and nobody else", async () => {
    const jxl = Buffer.from([0xff, 0x0a, 0xfa, 0x1f, 0x41, 0x91, 0x08, 0x06, 0x01, 0x00]);
    const codecs = { ...NO_CODECS, decodeJxl: () => Promise.reject(new AppError("broken_image", "the codec gave up")) };
    const failure = await failureOf(run(jxl, "w:20@png", { codecs }));
    expect(failure.status).toBe(422);
  });

  test("a watermark that fails is an error of this request only", async () => {
    const watermark = {
      isGrey: false,
      overlay: () => Promise.reject(new AppError("broken_image", "the mark cannot be rendered")),
    };
    const source = FILES["png"] ?? Buffer.alloc(0);
    expect((await failureOf(run(source, "w:20/wm:1@png", { watermark }))).kind).toBe("broken_image");
    expect((await run(source, "w:20@png", { watermark })).width).toBe(20);
  });
});

test("an unwritable size is a clear refusal", async () => {
  const failure = await failureOf(run(FILES["png"] ?? Buffer.alloc(0), "rs:force:70000:2:1@jpg"));
  expect(failure.status).toBe(422);
});
