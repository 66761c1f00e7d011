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

/** A frame whose lengths are known, and the bytes of it so far. */
type PartialFrame = { readonly head: Uint8Array<ArrayBuffer>; readonly body: Uint8Array<ArrayBuffer> };

/** Puts a frame together from the pieces in which it arrives; then the next. */
export class FrameAssembler {
  readonly #prefix = new Uint8Array(PREFIX_BYTES);
  #frame: PartialFrame | null = null;
  /** Bytes of this frame that have arrived, prefix included. */
  #filled = 0;

  /**
   * Takes a piece, of which it keeps nothing. Returns the frame that the piece completes, with its head as parsed JSON: the receiver
   * knows who sends. Throws for a frame that is too long, and for bytes after one: nobody speaks twice without an answer.
   */
  push(piece: Uint8Array): Frame<unknown> | null {
    let rest = this.#fill(this.#prefix, 0, piece);
    if (this.#filled < PREFIX_BYTES) return null;
    this.#frame ??= announcedFrame(this.#prefix);
    const { head, body } = this.#frame;
    rest = this.#fill(head, PREFIX_BYTES, rest);
    rest = this.#fill(body, PREFIX_BYTES + head.length, rest);
    if (this.#filled < PREFIX_BYTES + head.length + body.length) return null;
    if (rest.length > 0) throw new Error("more follows a codec frame");
    this.#frame = null;
    this.#filled = 0;
    return { head: JSON.parse(new TextDecoder().decode(head)), body };
  }

  /** Fills a part of the frame that begins at `start`. Returns what is left of the piece. */
  #fill(part: Uint8Array, start: number, piece: Uint8Array): Uint8Array {
    const at = this.#filled - start;
    const length = Math.min(piece.length, part.length - at);
    if (length <= 0) return piece;
    part.set(piece.subarray(0, length), at);
    this.#filled += length;
    return piece.subarray(length);
  }
}

function announcedFrame(prefix: Uint8Array<ArrayBuffer>): PartialFrame {
  const view = new DataView(prefix.buffer);
  const headLength = view.getUint32(0);
  const bodyLength = Number(view.getBigUint64(4));
  if (headLength > MAX_HEAD_BYTES || bodyLength > MAX_BODY_BYTES) throw new Error("a codec frame is too long");
  return { head: new Uint8Array(headLength), body: new Uint8Array(bodyLength) };
}
