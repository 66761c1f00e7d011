import { SaxesParser } from "saxes";
import { decodeMarkup } from "./decode-markup.ts";

/** How sharp has to open a drawing, and its size in pixels where libvips' own answer at that density is not it. */
export type SvgSize = {
  /** 72: a pixel is a pixel. 96: for lengths in mm, cm, in, pt, pc, whose natural size assumes 96 dpi. */
  readonly density: 72 | 96;
  /** Natural size at 96 dpi; null = take libvips' (times 3/4 at density 96). */
  readonly size: { readonly width: number; readonly height: number } | null;
  /** The size as librsvg will find it, in pixels and their parts, where the root element says it plainly and no style of its own. */
  readonly declared: { readonly width: number; readonly height: number } | null;
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
  if (!isPhysical) return { density: 72, size: null, declared: declaredSize(root), declaredBy };
  return { density: 96, size: completeSize(width?.pixels, height?.pixels, viewBox), declared: null, declaredBy };
}

function completeSize(width: number | undefined, height: number | undefined, viewBox: { ratio: number } | null) {
  const ratio = viewBox?.ratio;
  const fullWidth = width ?? (height !== undefined && ratio !== undefined ? height * ratio : undefined);
  const fullHeight = height ?? (width !== undefined && ratio !== undefined ? width / ratio : undefined);
  if (fullWidth === undefined || fullHeight === undefined) return null;
  const rounded = { width: Math.floor(fullWidth + 0.5), height: Math.floor(fullHeight + 0.5) };
  return rounded.width > 0 && rounded.height > 0 ? rounded : null;
}

/** Sides that need no second look: librsvg refuses less, and more may be too much for libvips. */
const LEAST_PLAIN_SIDE = 0.5;
const MOST_PLAIN_SIDE = 32_767;
const PLAIN_LENGTH = /^(\d*\.?\d+)(?:px)?$/;
const PLAIN_VIEW_BOX = /^-?\d*\.?\d+ -?\d*\.?\d+ (\d*\.?\d+) (\d*\.?\d+)$/;

/** Width and height in pixels, or the `viewBox` where there is neither. Other forms are librsvg's to interpret. */
function declaredSize({ width, height, viewBox, style }: Readonly<Record<string, string>>): SvgSize["declared"] {
  if (style !== undefined) return null;
  const isAutomatic = width === undefined && height === undefined;
  const [, wide, high] = isAutomatic
    ? (PLAIN_VIEW_BOX.exec(viewBox ?? "") ?? [])
    : [undefined, PLAIN_LENGTH.exec(width ?? "")?.[1], PLAIN_LENGTH.exec(height ?? "")?.[1]];
  const size = { width: Number(wide ?? 0), height: Number(high ?? 0) };
  const isPlain = (side: number) => side >= LEAST_PLAIN_SIDE && side <= MOST_PLAIN_SIDE;
  return isPlain(size.width) && isPlain(size.height) ? size : null;
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
  // Little at a time: the parser reads on to the end of what it is given.
  const step = 256;
  for (let at = 0; at < text.length && attributes === undefined; at += step) parser.write(text.slice(at, at + step));
  return attributes ?? {};
}
