import { readSync, writeFileSync } from "node:fs";
import { messageOf } from "../../errors.ts";
import type { ExactLoader, RawImage } from "../types.ts";
import {
  type CodecReply,
  type CodecRequest,
  type Frame,
  FrameAssembler,
  frameChunks,
  type PixelLayout,
} from "./codec-messages.ts";
import type { HeicDecoder } from "./heic-decoder.ts";
import type { JxlDecoder, JxlEncoder } from "./jxl-codec.ts";
import type { JxlColorDecoder } from "./jxl-color.ts";
import { giveSharedBody, LEAST_SHARED_BYTES, writeWhole } from "./shared-body.ts";

/** What a codec process has at hand: file names, and the codecs loaded so far, each by the first picture that needs it. */
type Codecs = {
  readonly files: ExactLoader | null;
  drawings?: DrawingCodec;
  heic?: HeicDecoder;
  jxlDecoder?: JxlDecoder;
  jxlColor?: JxlColorDecoder;
  jxlEncoder?: JxlEncoder;
};

type Answer = { readonly reply: CodecReply; readonly body: readonly Uint8Array[] };

/**
 * The program of a codec process: reads requests from standard input, one after the other, and answers on standard
 * output until its input ends. A codec may hang or crash here without harm: whoever started the process kills it.
 */
export async function runCodecProcess(files: ExactLoader | null, sharedFile: number | null): Promise<void> {
  volunteerToDie();
  const codecs: Codecs = { files };
  const requests = new FrameAssembler();
  for (let frame = nextFrame(requests); frame !== null; frame = nextFrame(requests)) {
    const { reply, body } = shareBody(await answer(codecs, frame), sharedFile);
    for (const chunk of frameChunks(reply, ...body)) writeWhole(STANDARD_OUTPUT, chunk, null);
  }
}

const STANDARD_INPUT = 0;
const STANDARD_OUTPUT = 1;
const piece = new Uint8Array(64 * 1024);

/**
 * Waits for the next request; null when the input has ended. It blocks the thread, which has nothing else to do: turns of the event
 * loop and a stream's machinery cost about half a millisecond a request (November 2026).
 */
function nextFrame(requests: FrameAssembler): Frame<unknown> | null {
  for (;;) {
    const length = readSync(STANDARD_INPUT, piece, 0, piece.length, null);
    if (length === 0) return null;
    const frame = requests.push(piece.subarray(0, length));
    if (frame !== null) return frame;
  }
}

/** Through the pipe a body comes in pieces, each of which takes a turn of the thread that serves requests. */
function shareBody({ reply, body }: Answer, sharedFile: number | null): Answer {
  const length = body.reduce((sum, part) => sum + part.length, 0);
  if (sharedFile === null || reply.outcome === "failed" || length < LEAST_SHARED_BYTES) return { reply, body };
  return { reply: { ...reply, sharedBytes: giveSharedBody(sharedFile, body) }, body: [] };
}

/** When memory runs out, Linux shall end this process and not the server. */
function volunteerToDie(): void {
  try {
    writeFileSync("/proc/self/oom_score_adj", "1000");
  } catch {
    // Not Linux, or not allowed: nothing is lost.
  }
}

async function answer(codecs: Codecs, frame: Frame<unknown>): Promise<Answer> {
  try {
    // The only writer to this process is our own CodecProcess, of the same build.
    return await perform(codecs, frame.head as CodecRequest, frame.body);
  } catch (error) {
    const message = messageOf(error);
    // Traps and exhausted memory leave WebAssembly in any state.
    const isUsable = !(error instanceof WebAssembly.RuntimeError || error instanceof RangeError);
    return { reply: { outcome: "failed", message, isUsable, residentBytes: process.memoryUsage.rss() }, body: [] };
  }
}

async function perform(codecs: Codecs, request: CodecRequest, body: Uint8Array<ArrayBuffer>): Promise<Answer> {
  switch (request.job) {
    case "decode-heic":
      codecs.heic ??= await (await import("./heic-decoder.ts")).loadHeicDecoder();
      return imageAnswer(codecs.heic.decode(body, request));
    case "decode-jxl":
      return await decodeJxl(codecs, request, body);
    case "encode-jxl": {
      codecs.jxlEncoder ??= await (await import("./jxl-codec.ts")).loadJxlEncoder();
      return fileAnswer(codecs.jxlEncoder.encode({ ...request.layout, data: body }, request));
    }
    case "measure-svg":
      codecs.drawings ??= await loadDrawingCodec();
      return sizeAnswer(await codecs.drawings.measureDrawing(body, request.kind));
    case "draw-svg":
      codecs.drawings ??= await loadDrawingCodec();
      return imageAnswer(await codecs.drawings.renderDrawing(body, request.drawing, codecs.files));
    case "encode-svg":
      codecs.drawings ??= await loadDrawingCodec();
      return fileAnswer((await codecs.drawings.encodeDrawing(body, request, codecs.files)) ?? new Uint8Array(0));
  }
}

type DrawingCodec = typeof import("../svg/open-drawing.ts");

async function loadDrawingCodec(): Promise<DrawingCodec> {
  const { configureSharp } = await import("../configure-sharp.ts");
  configureSharp("drawings");
  return await import("../svg/open-drawing.ts");
}

type JxlRequest = Extract<CodecRequest, { job: "decode-jxl" }>;

/** libjxl gives pixels fastest, but its wrapper does not tell the profile. */
async function decodeJxl(codecs: Codecs, request: JxlRequest, file: Uint8Array<ArrayBuffer>): Promise<Answer> {
  const { settings, maxPixels } = request;
  if (settings.profile !== "known") codecs.jxlColor ??= await (await import("./jxl-color.ts")).loadJxlColorDecoder();
  if (settings.profile === "applied" && codecs.jxlColor !== undefined) {
    const { png, icc } = codecs.jxlColor.renderPng(file, maxPixels);
    return fileAnswer(png, icc);
  }
  const icc =
    codecs.jxlColor !== undefined && settings.profile === "beside"
      ? codecs.jxlColor.readProfile(file, maxPixels)
      : null;
  codecs.jxlDecoder ??= await (await import("./jxl-codec.ts")).loadJxlDecoder();
  const image = codecs.jxlDecoder.decode(file, settings);
  // The header that was checked may not be the one that the decoder found.
  if (image.width * image.height > maxPixels) throw new Error(`${image.width}×${image.height} is more than announced`);
  return imageAnswer(image, icc);
}

function imageAnswer(image: RawImage, icc: Uint8Array | null = null): Answer {
  const { data, width, height, channels, bits } = image;
  const layout: PixelLayout = { width, height, channels, bits };
  return withProfile({ outcome: "image", layout }, data, icc);
}

function fileAnswer(file: Uint8Array, icc: Uint8Array | null = null): Answer {
  return withProfile({ outcome: "file" }, file, icc);
}

function sizeAnswer({ width, height }: { readonly width: number; readonly height: number }): Answer {
  return withProfile({ outcome: "size", width, height }, new Uint8Array(0), null);
}

type ReplyKind =
  | { readonly outcome: "file" }
  | { readonly outcome: "image"; readonly layout: PixelLayout }
  | { readonly outcome: "size"; readonly width: number; readonly height: number };

function withProfile(kind: ReplyKind, content: Uint8Array, icc: Uint8Array | null): Answer {
  const residentBytes = process.memoryUsage.rss();
  return {
    reply: { ...kind, residentBytes, iccBytes: icc?.length ?? 0, sharedBytes: 0 },
    body: icc === null ? [content] : [content, icc],
  };
}
