import { color, decimal, flag, integer, skippable, trailing } from "../argument.ts";
import { gravityTail, isSameGravity, POSITIONS, printGravity, withGravity } from "../gravity.ts";
import { given, option, pipelineField } from "../option-row.ts";
import type { PaddingOptions, PipelineOptions, TrimOptions } from "../types.ts";

const gravity = gravityTail("type", [...POSITIONS, "sm", "fp"]);
const cropGravity = gravityTail("gravity", [...POSITIONS, "sm", "fp"]);

const side = (name: string, initial: string) => skippable(integer(name, { min: 0, initial, usual: [0, 200] }));
const PADDING_SIDES = ["top", "right", "bottom", "left"] as const satisfies (keyof PaddingOptions)[];

/** Fractions; pixels from 1 on are to be typed. */
const USUAL_CROP = [0, 1] as const;

const angle = integer("angle", { initial: "0" });

function isSameTrim(one: TrimOptions, other: TrimOptions): boolean {
  return (
    one.isEnabled === other.isEnabled &&
    one.threshold === other.threshold &&
    printTrimColor(one) === printTrimColor(other) &&
    one.hasEqualHorizontal === other.hasEqualHorizontal &&
    one.hasEqualVertical === other.hasEqualVertical
  );
}

const trimColor = color("colour", { initial: "top left pixel" });
const equal = flag("equal", { initial: "0" });

function printTrimColor({ color: rgb }: TrimOptions): string {
  return rgb === null ? "" : trimColor.print(rgb);
}

function quarterTurns(degrees: number): PipelineOptions["rotate"] {
  const turn = ((degrees % 360) + 360) % 360;
  return turn === 90 || turn === 180 || turn === 270 ? turn : 0;
}

export const GEOMETRY_OPTIONS = [
  option({
    name: "gravity",
    aliases: ["g"],
    group: "Geometry",
    doc: "Which part of the image is kept when something is cut off: a side or corner with offsets inwards (from 1 on pixels, below 1 a fraction of the image), `sm` for the most interesting part, or `fp` for a focus point from 0 to 1. Offsets that are left out keep their values, also from an earlier gravity of another type.",
    arguments: [],
    tail: gravity,
    examples: ["g:no", "g:nowe:10:0.25", "g:fp:0.5:0.25", "g:sm"],
    apply: (_, written, { pipeline }) => ({
      pipeline: written === undefined ? {} : { gravity: withGravity(pipeline.gravity, written) },
    }),
    print: (wanted, base) =>
      isSameGravity(wanted.pipeline.gravity, base.pipeline.gravity) ? undefined : printGravity(wanted.pipeline.gravity),
  }),
  option({
    name: "crop",
    aliases: ["c"],
    group: "Geometry",
    doc: "Cuts this area out of the source before it is resized. From 1 on pixels, below 1 a fraction of the source, 0 the full side. Uses the `gravity` option's gravity unless it has its own.",
    arguments: [
      decimal("width", { min: 0, initial: "0", usual: USUAL_CROP }),
      trailing(decimal("height", { min: 0, initial: "0", usual: USUAL_CROP })),
    ],
    tail: cropGravity,
    examples: ["c:100:50", "c:0.5:0.5:no:0:10"],
    apply: ([width, height], written, { pipeline: { crop } }) => ({
      pipeline: {
        crop: Object.freeze({
          width,
          height: height ?? crop.height,
          gravity: written === undefined ? crop.gravity : withGravity(crop.gravity, written),
        }),
      },
    }),
    print: ({ pipeline: { crop } }, { pipeline: base }) => {
      const isSame = isSameGravity(crop.gravity, base.crop.gravity);
      if (isSame && crop.width === base.crop.width && crop.height === base.crop.height) return undefined;
      const size = [String(crop.width), String(crop.height)];
      return crop.gravity === null || isSame ? size : [...size, ...printGravity(crop.gravity)];
    },
  }),
  option({
    name: "trim",
    aliases: ["t"],
    group: "Geometry",
    doc: "Removes a border of one colour before everything else. An empty threshold switches it off, a missing colour means the top left pixel; `ff00ff` stands for transparent. The equal flags cut the same from opposite sides and keep their values.",
    arguments: [
      skippable(decimal("threshold", { initial: "off", usual: [0, 100] })),
      skippable(trimColor),
      skippable({ ...equal, name: "equal_hor" }),
      skippable({ ...equal, name: "equal_ver" }),
    ],
    examples: ["t:10", "t:10:ff00ff:1:1", "t:"],
    apply: ([threshold, rgb, equalHorizontal, equalVertical], _, { pipeline: { trim } }) => ({
      pipeline: {
        trim: Object.freeze({
          isEnabled: threshold !== undefined,
          threshold: threshold ?? 0,
          color: rgb ?? null,
          hasEqualHorizontal: equalHorizontal ?? trim.hasEqualHorizontal,
          hasEqualVertical: equalVertical ?? trim.hasEqualVertical,
        }),
      },
    }),
    print: ({ pipeline: { trim } }, { pipeline: base }) =>
      isSameTrim(trim, base.trim)
        ? undefined
        : [
            trim.isEnabled ? String(trim.threshold) : "",
            printTrimColor(trim),
            equal.print(trim.hasEqualHorizontal),
            equal.print(trim.hasEqualVertical),
          ],
  }),
  option({
    name: "padding",
    aliases: ["pd"],
    group: "Geometry",
    doc: "Space around the result in pixels, multiplied by `dpr`. As in CSS a missing right or bottom takes the value of top and a missing left that of right, on every use of the option; a missing top keeps its value.",
    arguments: [side("top", "0"), side("right", "top"), side("bottom", "top"), side("left", "right")],
    examples: ["pd:10", "pd:10:20:30:40", "pd::20"],
    apply: ([givenTop, givenRight, bottom, left], _, { pipeline: { padding } }) => {
      const top = givenTop ?? padding.top;
      const right = givenRight ?? top;
      return { pipeline: { padding: Object.freeze({ top, right, bottom: bottom ?? top, left: left ?? right }) } };
    },
    print: ({ pipeline: { padding } }, { pipeline: base }) =>
      PADDING_SIDES.every((name) => padding[name] === base.padding[name])
        ? undefined
        : PADDING_SIDES.map((name) => String(padding[name])),
  }),
  pipelineField("autoRotate", {
    name: "auto_rotate",
    aliases: ["ar"],
    group: "Geometry",
    doc: "Turns the image as its EXIF orientation says.",
    argument: flag("auto_rotate", { initial: "IMGPROXY_AUTO_ROTATE" }),
    examples: ["ar:0"],
  }),
  pipelineField("rotate", {
    name: "rotate",
    aliases: ["rot"],
    group: "Geometry",
    doc: "Turns the image clockwise, after the EXIF turn; width and height are those of the turned image. Negative angles turn the other way.",
    argument: {
      ...angle,
      type: "integer, multiple of 90",
      expected: "a multiple of 90",
      control: { kind: "choice", words: ["0", "90", "180", "270"] },
      read: (text) => {
        const degrees = angle.read(text);
        return degrees === undefined || degrees % 90 !== 0 ? undefined : quarterTurns(degrees);
      },
    },
    examples: ["rot:90"],
  }),
  option({
    name: "flip",
    aliases: ["fl"],
    group: "Geometry",
    doc: "Mirrors the image left to right, top to bottom or both, after it was turned.",
    arguments: [skippable(flag("horizontal", { initial: "0" })), skippable(flag("vertical", { initial: "0" }))],
    examples: ["fl:1", "fl::1"],
    apply: ([flipHorizontal, flipVertical]) => ({ pipeline: given({ flipHorizontal, flipVertical }) }),
    print: ({ pipeline }, { pipeline: base }) =>
      pipeline.flipHorizontal === base.flipHorizontal && pipeline.flipVertical === base.flipVertical
        ? undefined
        : [equal.print(pipeline.flipHorizontal), equal.print(pipeline.flipVertical)],
  }),
] as const;
