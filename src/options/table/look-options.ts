import { choice, color, decimal, integer, skippable } from "../argument.ts";
import { POSITIONS } from "../gravity.ts";
import { refuseArgument, refuseArgumentCount } from "../option-errors.ts";
import { given, option, pipelineField, type Segment, type Tail } from "../option-row.ts";
import type { Rgb, WatermarkOptions } from "../types.ts";

const hex = color("colour", { initial: "none" });
const CHANNEL = /^\d{1,20}$/; // No sign, unlike everywhere else.

function readChannel(segment: Segment, index: number, name: string): number {
  const text = segment.arguments[index] ?? "";
  const value = CHANNEL.test(text) ? Number(text) : Number.NaN;
  return value <= 255 ? value : refuseArgument(segment, index, { name, expected: "a whole number from 0 to 255" });
}

const backgroundColor: Tail<Rgb | null> = {
  usage: "colour",
  type: "colour `rgb` or `rrggbb`, or `r:g:b` with 0…255 each, or empty",
  expected: "a colour",
  initial: "none",
  control: { kind: "color" },
  most: 3,
  read: (segment) => {
    if (segment.arguments.length === 3) {
      const [r, g, b] = [readChannel(segment, 0, "r"), readChannel(segment, 1, "g"), readChannel(segment, 2, "b")];
      return Object.freeze({ r, g, b });
    }
    if (segment.arguments.length === 2) refuseArgumentCount(segment, 2, "red, green and blue are three arguments");
    const text = segment.arguments[0] ?? "";
    return text === "" ? null : (hex.read(text) ?? refuseArgument(segment, 0, hex));
  },
};

/** Pixels. */
const USUAL_OFFSET = [-100, 100] as const;
const position = choice("position", [...POSITIONS, "re"], { initial: "ce" });
const ignored = (name: string) =>
  skippable({
    ...decimal(name, { initial: "" }),
    type: "ignored",
    read: () => 0,
    expected: "anything",
    control: { kind: "none" },
  });

const WATERMARK_FIELDS = ["opacity", "position", "x", "y", "scale"] as const satisfies (keyof WatermarkOptions)[];

export const LOOK_OPTIONS = [
  option({
    name: "background",
    aliases: ["bg"],
    group: "Look",
    doc: "Puts the image on this colour, whatever the format. Without it transparent images stay transparent where the format can hold that, and become white where it cannot. Empty removes it.",
    arguments: [],
    tail: backgroundColor,
    examples: ["bg:ff8800", "bg:255:136:0", "bg:"],
    apply: (_, background) => ({ pipeline: { background: background ?? null } }),
    print: ({ pipeline: { background } }, { pipeline: base }) => {
      const [printed, before] = [background, base.background].map((rgb) => (rgb === null ? "" : hex.print(rgb)));
      return printed === before || printed === undefined ? undefined : [printed];
    },
  }),
  pipelineField("blur", {
    name: "blur",
    aliases: ["bl"],
    group: "Look",
    doc: "Gaussian blur of the result; 0 switches it off.",
    argument: decimal("sigma", { min: 0, initial: "0", usual: [0, 20] }),
    examples: ["bl:1.5"],
  }),
  pipelineField("sharpen", {
    name: "sharpen",
    aliases: ["sh"],
    group: "Look",
    doc: "Sharpens the result; 0 switches it off.",
    argument: decimal("sigma", { min: 0, initial: "0", usual: [0, 5] }),
    examples: ["sh:0.5"],
  }),
  pipelineField("pixelate", {
    name: "pixelate",
    aliases: ["pix"],
    group: "Look",
    doc: "Turns the result into blocks of this many pixels; 0 and 1 switch it off.",
    argument: integer("size", { min: 0, initial: "0", usual: [0, 50] }),
    examples: ["pix:8"],
  }),
  option({
    name: "watermark",
    aliases: ["wm"],
    group: "Look",
    doc: "Draws the configured watermark. The opacity is multiplied by IMGPROXY_WATERMARK_OPACITY; 0 switches the watermark off. `re` tiles it, with x and y as the gaps. The scale is the fraction of the result that the mark is fitted into; left out it keeps its own size. Two further arguments are accepted and ignored.",
    arguments: [
      decimal("opacity", { min: 0, max: 1, initial: "0" }),
      skippable(position),
      skippable(decimal("x", { initial: "0", usual: USUAL_OFFSET })),
      skippable(decimal("y", { initial: "0", usual: USUAL_OFFSET })),
      skippable(decimal("scale", { above: 0, initial: "own size", usual: [0, 1] })),
      ignored("sixth"),
      ignored("seventh"),
    ],
    examples: ["wm:0.5", "wm:1:soea:10:10:0.2", "wm:0.3:re:20:20"],
    apply: ([opacity, place, x, y, scale], _, { pipeline: { watermark } }) => ({
      pipeline: {
        watermark: Object.freeze({ ...watermark, opacity, ...given({ position: place, x, y, scale }) }),
      },
    }),
    print: ({ pipeline: { watermark } }, { pipeline: base }) => {
      if (WATERMARK_FIELDS.every((field) => watermark[field] === base.watermark[field])) return undefined;
      const scale = watermark.scale === 0 ? "" : String(watermark.scale); // 0 cannot be written; it is the default.
      return [String(watermark.opacity), watermark.position, String(watermark.x), String(watermark.y), scale];
    },
  }),
] as const;
