import type { Drawing, DrawingKind, DrawingOutput } from "../svg/open-drawing.ts";
import type { RawImage } from "../types.ts";
import type { JxlDecodeSettings } from "./image-codecs.ts";

/** What a codec process is asked to do; the bytes or pixels follow as the frame's body. */
export type CodecRequest =
  | { readonly job: "decode-heic"; readonly maxPixels: number; readonly wantsThumbnail: boolean }
  | { readonly job: "decode-jxl"; readonly maxPixels: number; readonly settings: JxlDecodeSettings }
  | { readonly job: "encode-jxl"; readonly layout: PixelLayout; readonly quality: number; readonly effort: number }
  | { readonly job: "measure-svg"; readonly kind: DrawingKind }
  | { readonly job: "draw-svg"; readonly drawing: Drawing }
  | { readonly job: "encode-svg"; readonly drawing: Drawing; readonly output: DrawingOutput };

/** A `RawImage` without its pixels. */
export type PixelLayout = Omit<RawImage, "data">;

type Success = {
  readonly residentBytes: number;
  /** The body ends with a colour profile of this length. */
  readonly iccBytes: number;
  /** So many bytes of body are in the shared file; then the frame has none. */
  readonly sharedBytes: number;
};

/** How a codec process answers, with the memory that it holds; pixels or a file follow as the frame's body. */
export type CodecReply =
  | (Success & { readonly outcome: "image"; readonly layout: PixelLayout })
  | (Success & { readonly outcome: "file" })
  | (Success & { readonly outcome: "size"; readonly width: number; readonly height: number })
  /** `isUsable`: the codec itself said no and can go on; otherwise it fell over. */
  | {
      readonly outcome: "failed";
      readonly message: string;
      readonly isUsable: boolean;
      readonly residentBytes: number;
    };

export type Frame<Head> = { readonly head: Head; readonly body: Uint8Array<ArrayBuffer> };

/** Bytes before a frame's head: lengths of head and body. */
const PREFIX_BYTES = 12;
const MAX_HEAD_BYTES = 64 * 1024;
const MAX_BODY_BYTES = 4 * 2 ** 30;

/** A body up to this size is copied behind its head: each piece of a frame wakes whoever reads it. */
const MOST_COPIED_BYTES = 64 * 1024;

/** The bytes of a frame: lengths, head as JSON, body, in one piece where it is small. */
export function frameChunks(head: CodecRequest | CodecReply, ...body: readonly Uint8Array[]): readonly Uint8Array[] {
  const headBytes = Buffer.from(JSON.stringify(head));
  const prefix = Buffer.alloc(PREFIX_BYTES);
  const bodyLength = body.reduce((sum, part) => sum + part.length, 0);
  prefix.writeUInt32BE(headBytes.length);
  prefix.writeBigUInt64BE(BigInt(bodyLength), 4);
  if (bodyLength <= MOST_COPIED_BYTES) return [Buffer.concat([prefix, headBytes, ...body])];
  return [Buffer.concat([prefix, headBytes]), ...body];
}

/** Cuts a stream of chunks into frames. Heads are returned as parsed JSON: the receiver knows who sends. */
export async function* readFrames(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Frame<unknown>> {
  const iterator = chunks[Symbol.asyncIterator]();
  let rest: Uint8Array = new Uint8Array(0);
  const take = async (length: number): Promise<Uint8Array<ArrayBuffer> | null> => {
    const taken = new Uint8Array(length);
    let filled = 0;
    while (filled < length) {
      if (rest.length === 0) {
        const next = await iterator.next();
        if (next.done === true) return null;
        rest = next.value;
        continue;
      }
      const part = rest.subarray(0, length - filled);
      taken.set(part, filled);
      filled += part.length;
      rest = rest.subarray(part.length);
    }
    return taken;
  };
  for (;;) {
    const prefix = await take(PREFIX_BYTES);
    if (prefix === null) return;
    const view = new DataView(prefix.buffer);
    const headLength = view.getUint32(0);
    const bodyLength = Number(view.getBigUint64(4));
    if (headLength > MAX_HEAD_BYTES || bodyLength > MAX_BODY_BYTES) throw new Error("a codec frame is too long");
    const head = await take(headLength);
    const body = await take(bodyLength);
    if (head === null || body === null) return;
    yield { head: JSON.parse(new TextDecoder().decode(head)), body };
  }
}
