import { readFileSync } from "node:fs";
import createLibheif, { type MainModule } from "libheif-js/libheif-wasm/libheif.js";
import wasmPath from "libheif-js/libheif-wasm/libheif.wasm" with { type: "file" };
import type { RawImage } from "../types.ts";

/** Numbers of libheif's C interface. */
const COLORSPACE_RGB = 1;
const CHROMA = { rgb: 10, rgba: 11, rgb16: 14, rgba16: 15 } as const;
const CHANNEL_INTERLEAVED = 10;
/** Offset of `max_image_size_pixels` in `heif_security_limits`. */
const MAX_PIXELS_OFFSET = 8;
/** `heif_error`: two integers and a pointer to its message. */
const ERROR_BYTES = 12;

export type HeicRequest = {
  /** No picture of the file, tiles and auxiliary pictures included, may have more pixels. */
  readonly maxPixels: number;
  /** Decode the embedded thumbnail where there is one. */
  readonly wantsThumbnail: boolean;
};

/** One instance of libheif. It is used for one file at a time and holds its memory until it is dropped. */
export type HeicDecoder = { decode(file: Uint8Array, request: HeicRequest): RawImage };

/** Loads libheif. Synchronous work of some 70 ms, for the codec process only. */
export async function loadHeicDecoder(): Promise<HeicDecoder> {
  const libheif = await createLibheif({ wasmBinary: readFileSync(wasmPath), print: ignore, printErr: ignore });
  return { decode: (file, request) => decodeFile(libheif, file, request) };
}

function decodeFile(libheif: MainModule, file: Uint8Array, request: HeicRequest): RawImage {
  const heap = new NativeCalls(libheif);
  const context = libheif._heif_context_alloc();
  heap.onRelease(() => libheif._heif_context_free(context));
  try {
    limitPixels(libheif, context, request.maxPixels);
    const input = heap.copyIn(file);
    heap.check((error) => libheif._heif_context_read_from_memory_without_copy(error, context, input, file.length, 0));
    const primary = heap.output((error, out) => libheif._heif_context_get_primary_image_handle(error, context, out));
    heap.onRelease(() => libheif._heif_image_handle_release(primary));
    const handle = request.wantsThumbnail ? (findThumbnail(libheif, heap, primary) ?? primary) : primary;
    return decodeHandle(libheif, heap, handle);
  } finally {
    heap.release();
  }
}

function limitPixels(libheif: MainModule, context: number, maxPixels: number): void {
  const limits = libheif._heif_context_get_security_limits(context);
  const view = new DataView(libheif.HEAPU8.buffer);
  view.setBigUint64(limits + MAX_PIXELS_OFFSET, BigInt(Math.ceil(maxPixels)), true);
}

function findThumbnail(libheif: MainModule, heap: NativeCalls, primary: number): number | undefined {
  if (libheif._heif_image_handle_get_number_of_thumbnails(primary) === 0) return undefined;
  const ids = heap.allocate(4);
  libheif._heif_image_handle_get_list_of_thumbnail_IDs(primary, ids, 1);
  const id = heap.readUint32(ids);
  const thumbnail = heap.output((error, out) => libheif._heif_image_handle_get_thumbnail(error, primary, id, out));
  heap.onRelease(() => libheif._heif_image_handle_release(thumbnail));
  return thumbnail;
}

function decodeHandle(libheif: MainModule, heap: NativeCalls, handle: number): RawImage {
  const hasAlpha = libheif._heif_image_handle_has_alpha_channel(handle) !== 0;
  const isDeep = libheif._heif_image_handle_get_luma_bits_per_pixel(handle) > 8;
  const chroma = CHROMA[`rgb${hasAlpha ? "a" : ""}${isDeep ? 16 : ""}`];
  const image = heap.output((error, out) => libheif._heif_decode_image(error, handle, out, COLORSPACE_RGB, chroma, 0));
  heap.onRelease(() => libheif._heif_image_release(image));
  const width = libheif._heif_image_get_primary_width(image);
  const height = libheif._heif_image_get_primary_height(image);
  const stride = heap.allocate(4);
  const plane = libheif._heif_image_get_plane_readonly(image, CHANNEL_INTERLEAVED, stride);
  if (width <= 0 || height <= 0 || plane === 0) throw new Error("libheif returned no pixels");
  const channels = hasAlpha ? 4 : 3;
  const rowBytes = width * channels * (isDeep ? 2 : 1);
  const data = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const start = plane + y * heap.readUint32(stride);
    data.set(libheif.HEAPU8.subarray(start, start + rowBytes), y * rowBytes);
  }
  if (isDeep) widenSamples(data, libheif._heif_image_get_bits_per_pixel_range(image, CHANNEL_INTERLEAVED));
  return { data, width, height, channels, bits: isDeep ? 16 : 8 };
}

/** Brings samples of `bits` bits, stored in 16, to the full range. */
function widenSamples(data: Uint8Array, bits: number): void {
  const samples = new Uint16Array(data.buffer);
  const factor = 65535 / (2 ** bits - 1);
  for (let i = 0; i < samples.length; i++) samples[i] = Math.round((samples[i] ?? 0) * factor);
}

/** Calls with libheif's conventions, and the list of what has to be let go afterwards. */
class NativeCalls {
  readonly #libheif: MainModule;
  readonly #releases: (() => void)[] = [];

  constructor(libheif: MainModule) {
    this.#libheif = libheif;
  }

  allocate(bytes: number): number {
    const pointer = this.#libheif._malloc(bytes);
    if (pointer === 0) throw new Error("libheif is out of memory");
    this.onRelease(() => this.#libheif._free(pointer));
    return pointer;
  }

  copyIn(bytes: Uint8Array): number {
    const pointer = this.allocate(bytes.length);
    this.#libheif.HEAPU8.set(bytes, pointer);
    return pointer;
  }

  /** Calls a function that returns a `heif_error` and throws if it is one. */
  check(call: (error: number) => void): void {
    const error = this.allocate(ERROR_BYTES);
    call(error);
    if (this.readUint32(error) !== 0) throw new Error(this.#readText(this.readUint32(error + 8)));
  }

  /** Calls a function that also writes a pointer. */
  output(call: (error: number, out: number) => void): number {
    const out = this.allocate(4);
    this.check((error) => call(error, out));
    return this.readUint32(out);
  }

  readUint32(pointer: number): number {
    return new DataView(this.#libheif.HEAPU8.buffer).getUint32(pointer, true);
  }

  #readText(pointer: number): string {
    const heap: Uint8Array = this.#libheif.HEAPU8;
    return new TextDecoder().decode(heap.subarray(pointer, heap.indexOf(0, pointer)));
  }

  onRelease(release: () => void): void {
    this.#releases.push(release);
  }

  /** In the reverse order of acquisition. */
  release(): void {
    for (const release of this.#releases.splice(0).reverse()) release();
  }
}

function ignore(): void {}
