import type { Box, Size } from "./gravity.ts";
import type { Turn } from "./orientation.ts";
import type { Border, Canvas, Pass, PixelWork } from "./pass.ts";
import type { Plan } from "./plan.ts";
import type { LoadShrink } from "./shrink-on-load.ts";

const LABEL_WIDTH = 10;

/** A plan in words, one fact a line, for `imgproxy process --explain`. Ends with a line break. */
export function explainPlan(plan: Plan): string {
  const { geometry, colour } = plan;
  const facts: readonly (readonly [label: string, text: string | null])[] = [
    ["source", size(plan.source)],
    ["load", loadText(plan.load)],
    ["turn", turnText(plan.turn)],
    ["crop", isSet(geometry.crop) ? size(geometry.crop) : null],
    [
      "scale",
      `${number(geometry.scaleX)} × ${number(geometry.scaleY)} of ${size(geometry.base)}: ${size(geometry.scaled)}`,
    ],
    ["dpr", geometry.dprScale === 1 ? null : `${number(geometry.dprScale)} after limits`],
    ["target", isSet(geometry.target) ? size(geometry.target) : null],
    ["colour", `${colour.isGrey ? "grey" : "RGB"}, ${colour.bits} bits, profile: ${PROFILE_TEXTS[colour.profile]}`],
    ...plan.passes.map((pass, index) => [`pass ${index + 1}`, passText(pass)] as const),
    ["result", `${plan.format} ${canvasText(plan.result)}`],
  ];
  return facts.flatMap(([label, text]) => (text === null ? [] : [`${label.padEnd(LABEL_WIDTH)}${text}\n`])).join("");
}

const PROFILE_TEXTS = {
  none: "none",
  drop: "dropped, it changes nothing any more",
  keep: "kept",
  convert: "converted to sRGB at the end",
  export: "pixels go back into it at the end",
} as const;

function isSet({ width, height }: Size): boolean {
  return width > 0 || height > 0;
}

function side(pixels: number | null): string {
  return pixels === null || pixels === 0 ? "auto" : String(pixels);
}

function size({ width, height }: { readonly width: number | null; readonly height: number | null }): string {
  return `${side(width)}×${side(height)}`;
}

function box({ left, top, ...sides }: Box): string {
  return `${size(sides)} at ${left},${top}`;
}

/** Five digits say enough about a factor. */
function number(value: number): string {
  return String(Number(value.toPrecision(5)));
}

function loadText(load: LoadShrink): string | null {
  switch (load.kind) {
    case "none":
      return null;
    case "jpeg":
      return `decoded at 1/${load.factor}: ${size(load.size)}`;
    case "webp":
    case "svg":
      return `decoded at ${number(load.scale)}: ${size(load.size)}`;
  }
}

function turnText({ isMirrored, angle }: Turn): string | null {
  const parts = [...(isMirrored ? ["mirror"] : []), ...(angle === 0 ? [] : [`turn ${angle}°`])];
  return parts.length === 0 ? null : parts.join(", ");
}

function borderText({ top, right, bottom, left, fill }: Border): string {
  const what = fill === null ? "transparent" : fill === "edge" ? "repeated edges" : `rgb ${fill.r},${fill.g},${fill.b}`;
  return `border ${top} ${right} ${bottom} ${left} (${what})`;
}

function workText(work: PixelWork): string {
  switch (work.kind) {
    case "pixelate":
      return `pixelate ${work.block}`;
    case "border":
      return borderText(work.border);
    case "flatten":
      return "flatten";
  }
}

function passText(pass: Pass): string {
  const steps = [
    pass.convertTo && `to ${pass.convertTo}`,
    pass.crop && `cut ${box(pass.crop)}`,
    pass.flatten && `flatten on ${pass.flatten.r},${pass.flatten.g},${pass.flatten.b}`,
    pass.resize && `resize ${size(pass.resize)}`,
    turnText(pass.turn),
    pass.smartCrop && `smart crop ${size(pass.smartCrop)}`,
    pass.cut && `cut ${box(pass.cut)}`,
    pass.border && borderText(pass.border),
    pass.blur > 0 && `blur ${pass.blur}`,
    pass.sharpen > 0 && `sharpen ${pass.sharpen}`,
    pass.hasWatermark && "watermark",
    ...pass.afterwards.map(workText),
  ].filter((step) => typeof step === "string");
  const why = pass.reason === "" ? "" : ` (${pass.reason})`;
  return `${steps.length === 0 ? "encode" : steps.join(", ")}${why}`;
}

function canvasText(canvas: Canvas): string {
  const kind = `${canvas.isGrey ? "grey" : "RGB"}${canvas.hasAlpha ? " with alpha" : ""}`;
  return `${size(canvas)}, ${kind}, ${canvas.bits} bits`;
}
