import sharp from "sharp";
import { detectFormat } from "../../src/image/detect-format.ts";
import { read } from "../image/samples.ts";
import type { Expected } from "./work.ts";

/** One answer in so many is decoded to its last pixel; of the others the header is read. */
const DECODED = 8;
const READ_BY_SHARP = new Set(["jpeg", "png", "webp", "gif", "avif", "tiff"]);

/** What is wrong with an answer; undefined = nothing. `serial` decides how closely it is looked at. */
export async function faultOf(
  { status, body }: { readonly status: number; readonly body: Buffer },
  expected: Expected,
  serial: number,
): Promise<string | undefined> {
  switch (expected.kind) {
    case "status":
      return expected.statuses.includes(status) ? undefined : `status ${status}, not ${expected.statuses.join(" or ")}`;
    case "bytes":
      if (status !== 200) return `status ${status}`;
      return body.equals(expected.bytes)
        ? undefined
        : `${body.length} bytes that are not the source's ${expected.bytes.length}`;
    case "image":
      if (status !== 200) return `status ${status}: ${body.toString("latin1", 0, 80)}`;
      return await imageFault(body, expected, serial);
  }
}

async function imageFault(
  body: Buffer,
  expected: Extract<Expected, { kind: "image" }>,
  serial: number,
): Promise<string | undefined> {
  const format = detectFormat(body);
  if (format !== expected.format) return `${format ?? "nothing known"}, not ${expected.format}`;
  if (format === "svg") return undefined;
  try {
    const { meta } = await read(body);
    const [width, height] = expected.size ?? [meta.width, meta.height];
    if (meta.width !== width || meta.height !== height) return `${meta.width}×${meta.height}, not ${width}×${height}`;
    if (meta.pages !== expected.frames) return `${meta.pages} frames, not ${expected.frames}`;
    if (READ_BY_SHARP.has(format) && serial % DECODED === 0)
      await sharp(body, { failOn: "error", animated: true }).stats();
    return undefined;
  } catch (error) {
    return `cannot be read: ${String(error)}`;
  }
}
