import { writeFileSync } from "node:fs";
import type { Writable } from "node:stream";
import type { RawImage } from "../types.ts";
import {
  type CodecReply,
  type CodecRequest,
  type Frame,
  frameChunks,
  type PixelLayout,
  readFrames,
} from "./codec-messages.ts";
import { type HeicDecoder, loadHeicDecoder } from "./heic-decoder.ts";
import { type JxlDecoder, type JxlEncoder, loadJxlDecoder, loadJxlEncoder } from "./jxl-codec.ts";

/** Codecs loaded so far. */
type Codecs = { heic?: HeicDecoder; jxlDecoder?: JxlDecoder; jxlEncoder?: JxlEncoder };

type Answer = { readonly reply: CodecReply; readonly body: Uint8Array };

const NOTHING = new Uint8Array(0);

/**
 * The program of a codec process: reads requests from standard input, one after the other, and answers on standard
 * output until its input ends. A codec may hang or crash here without harm: whoever started the process kills it.
 */
export async function runCodecProcess(): Promise<void> {
  volunteerToDie();
  const codecs: Codecs = {};
  for await (const frame of readFrames(process.stdin)) {
    const { reply, body } = await answer(codecs, frame);
    for (const chunk of frameChunks(reply, body)) await write(process.stdout, chunk);
  }
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
    const message = error instanceof Error ? error.message : String(error);
    return { reply: { outcome: "failed", message }, body: NOTHING };
  }
}

async function perform(codecs: Codecs, request: CodecRequest, body: Uint8Array<ArrayBuffer>): Promise<Answer> {
  switch (request.job) {
    case "decode-heic":
      codecs.heic ??= await loadHeicDecoder();
      return imageAnswer(codecs.heic.decode(body, request));
    case "decode-jxl":
      codecs.jxlDecoder ??= await loadJxlDecoder();
      return imageAnswer(codecs.jxlDecoder.decode(body, request.samples));
    case "encode-jxl": {
      codecs.jxlEncoder ??= await loadJxlEncoder();
      const file = codecs.jxlEncoder.encode({ ...request.layout, data: body }, request);
      return { reply: { outcome: "file", residentBytes: process.memoryUsage.rss() }, body: file };
    }
  }
}

function imageAnswer({ data, width, height, channels, bits }: RawImage): Answer {
  const layout: PixelLayout = { width, height, channels, bits };
  return { reply: { outcome: "image", layout, residentBytes: process.memoryUsage.rss() }, body: data };
}

function write(output: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    output.write(chunk, (error) => (error === undefined || error === null ? resolve() : reject(error)));
  });
}
