import { SaxesParser } from "saxes";
import { decodeMarkup } from "./decode-markup.ts";

/** How sharp has to open a drawing, and its size in pixels where libvips' own answer at that density is not it. */
export type SvgSize = {
  /** 72: a pixel is a pixel. 96: for lengths in mm, cm, in, pt, pc, whose natural size assumes 96 dpi. */
  readonly density: 72 | 96;
  /** Natural size at 96 dpi; null = take libvips' (times 3/4 at density 96). */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** What of the root element gives a size. Styles can undo width and height, but not the `viewBox`. */
  readonly declaredBy: "viewBox" | "lengths" | "nothing";
};

/** The root tag is looked for in this many bytes. */
const ROOT_TAG_BYTES = 64 * 1024;
const PIXELS_PER_INCH = 96;

/** Units that libvips turns into pixels by the density. `px`, `em`, `ex` do not depend on it, the rest it ignores. */
const PIXELS_PER_UNIT: ReadonlyMap<string, number> = new Map([
  ["in", PIXELS_PER_INCH],
  ["cm", PIXELS_PER_INCH / 2.54],
  ["mm", PIXELS_PER_INCH / 25.4],
  ["pt", PIXELS_PER_INCH / 72],
  ["pc", PIXELS_PER_INCH / 6],
]);

type Length = { readonly pixels: number; readonly isPhysical: boolean };

/** Reads `width`, `height` and `viewBox` of the root element. Never throws: what it does not understand is left to libvips. */
export function readSvgSize(bytes: Uint8Array): SvgSize {
  const root = rootAttributes(decodeMarkup(bytes.subarray(0, ROOT_TAG_BYTES)));
  const width = readLength(root["width"]);
  const height = readLength(root["height"]);
  const viewBox = readViewBox(root["viewBox"]);
  const hasLengths = width !== undefined && height !== undefined;
  const declaredBy = viewBox !== null ? "viewBox" : hasLengths ? "lengths" : "nothing";
  const isPhysical = width?.isPhysical === true || height?.isPhysical === true;
  if (!isPhysical) return { density: 72, size: null, declaredBy };
  return { density: 96, size: completeSize(width?.pixels, height?.pixels, viewBox), declaredBy };
}

function completeSize(width: number | undefined, height: number | undefined, viewBox: { ratio: number } | null) {
  const ratio = viewBox?.ratio;
  const fullWidth = width ?? (height !== undefined && ratio !== undefined ? height * ratio : undefined);
  const fullHeight = height ?? (width !== undefined && ratio !== undefined ? width / ratio : undefined);
  if (fullWidth === undefined || fullHeight === undefined) return null;
  const rounded = { width: Math.floor(fullWidth + 0.5), height: Math.floor(fullHeight + 0.5) };
  return rounded.width > 0 && rounded.height > 0 ? rounded : null;
}

function readLength(value: string | undefined): Length | undefined {
  const match = /^\s*\+?(\d*\.?\d+(?:e[+-]?\d+)?)\s*(px|in|cm|mm|pt|pc)?\s*$/i.exec(value ?? "");
  if (match === null) return undefined;
  const [, number = "", unit = ""] = match;
  const pixelsPerUnit = PIXELS_PER_UNIT.get(unit.toLowerCase());
  return { pixels: Number(number) * (pixelsPerUnit ?? 1), isPhysical: pixelsPerUnit !== undefined };
}

function readViewBox(value: string | undefined): { ratio: number } | null {
  const [, , width = 0, height = 0] = (value ?? "")
    .trim()
    .split(/[\s,]+/)
    .map(Number);
  return width > 0 && height > 0 ? { ratio: width / height } : null;
}

/** Attributes of the first element. Faults of the markup are libvips' to report. */
function rootAttributes(text: string): Readonly<Record<string, string>> {
  const parser = new SaxesParser({ xmlns: false });
  let attributes: Record<string, string> | undefined;
  parser.on("error", () => undefined);
  parser.on("opentag", (tag) => {
    attributes ??= tag.attributes;
  });
  const step = 2048;
  for (let at = 0; at < text.length && attributes === undefined; at += step) parser.write(text.slice(at, at + step));
  return attributes ?? {};
}
