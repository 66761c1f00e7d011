import { choice, decimal, flag, integer, skippable, trailing } from "../argument.ts";
import { gravityTail, isSameGravity, POSITIONS, printGravity, type WrittenGravity, withGravity } from "../gravity.ts";
import { type Change, type Current, given, option, pipelineField, type Tail } from "../option-row.ts";
import type { ExtendOptions } from "../types.ts";

const RESIZING_TYPES = ["fit", "fill", "fill-down", "force", "auto"] as const;

/** Pixels. */
const USUAL_SIDE = [0, 2000] as const;
const USUAL_ZOOM = [0.1, 3] as const;

const type = choice("type", RESIZING_TYPES, { initial: "fit" });
const width = integer("width", { min: 0, initial: "0", usual: USUAL_SIDE });
const height = integer("height", { min: 0, initial: "0", usual: USUAL_SIDE });
const enlarge = flag("enlarge", { initial: "0" });
const extend = flag("extend", { initial: "0" });
const sizeArguments = [skippable(width), skippable(height), skippable(enlarge), skippable(extend)] as const;

const extendGravity = gravityTail("gravity", [...POSITIONS, "fp"]);

/** The gravity behind an `extend` argument: not even looked at where that argument is empty, as in the reference. */
const gravityOfExtend: Tail<WrittenGravity | undefined> = {
  ...extendGravity,
  usage: "[gravity]:[x]:[y]",
  read: (segment, from) => (segment.arguments[from - 1] === "" ? undefined : extendGravity.read(segment, from)),
};

function changeExtend(isEnabled: boolean, gravity: WrittenGravity | undefined, earlier: ExtendOptions): ExtendOptions {
  return Object.freeze({
    isEnabled,
    gravity: gravity === undefined ? earlier.gravity : withGravity(earlier.gravity, gravity),
  });
}

function changeSize(
  size: { width: number | undefined; height: number | undefined; enlarge: boolean | undefined },
  extended: { isEnabled: boolean | undefined; gravity: WrittenGravity | undefined },
  { pipeline }: Current,
): Change["pipeline"] {
  const { isEnabled, gravity } = extended;
  return {
    ...given(size),
    ...(isEnabled === undefined ? {} : { extend: changeExtend(isEnabled, gravity, pipeline.extend) }),
  };
}

function printExtend(wanted: ExtendOptions, base: ExtendOptions): readonly string[] | undefined {
  const isSame = isSameGravity(wanted.gravity, base.gravity);
  if (isSame && wanted.isEnabled === base.isEnabled) return undefined;
  return [extend.print(wanted.isEnabled), ...(isSame ? [] : printGravity(wanted.gravity))];
}

const SIZE_FIELDS = ["resizingType", "width", "height", "enlarge"] as const;

function changedSizeFields(wanted: Current, base: Current): readonly (typeof SIZE_FIELDS)[number][] {
  return SIZE_FIELDS.filter((field) => wanted.pipeline[field] !== base.pipeline[field]);
}

/** Prints one of the four fields where it is the only one that differs; `resize` prints them together. */
function printAlone(field: (typeof SIZE_FIELDS)[number], print: (current: Current) => string) {
  return (wanted: Current, base: Current): readonly string[] | undefined => {
    if (wanted.pipeline[field] === base.pipeline[field]) return undefined;
    return changedSizeFields(wanted, base).length === 1 ? [print(wanted)] : undefined;
  };
}

export const SIZE_OPTIONS = [
  option({
    name: "resize",
    aliases: ["rs"],
    group: "Size",
    doc: "Sets the resizing type and the size in one go, and whether to enlarge and to extend. Every argument may be left out and then keeps its value; the gravity counts only when the extend argument is given.",
    arguments: [skippable(type), ...sizeArguments],
    tail: gravityOfExtend,
    examples: ["rs:fill:300:200", "rs:fit:500:300:0:1:no", "rs::100"],
    apply: ([resizingType, wide, high, enlarged, isEnabled], gravity, current) => ({
      pipeline: {
        ...given({ resizingType }),
        ...changeSize({ width: wide, height: high, enlarge: enlarged }, { isEnabled, gravity }, current),
      },
    }),
    print: (wanted, base) => {
      if (changedSizeFields(wanted, base).length < 2) return undefined;
      const { pipeline } = wanted;
      const printed = [type.print(pipeline.resizingType), width.print(pipeline.width), height.print(pipeline.height)];
      return pipeline.enlarge === base.pipeline.enlarge ? printed : [...printed, enlarge.print(pipeline.enlarge)];
    },
  }),
  option({
    name: "size",
    aliases: ["s"],
    group: "Size",
    doc: "As `resize` without the type.",
    partOf: { option: "resize", from: 1 },
    arguments: sizeArguments,
    tail: gravityOfExtend,
    examples: ["s:300:200", "s:100:50::1:noea"],
    apply: ([wide, high, enlarged, isEnabled], gravity, current) => ({
      pipeline: changeSize({ width: wide, height: high, enlarge: enlarged }, { isEnabled, gravity }, current) ?? {},
    }),
    print: () => undefined, // `resize` and the options of the single fields print the same fields.
  }),
  pipelineField("resizingType", {
    name: "resizing_type",
    aliases: ["rt"],
    group: "Size",
    doc: "How the image fits the size. `fit` keeps the ratio and fits inside, `fill` keeps the ratio, covers the size and crops what is over, `fill-down` does so without enlarging but keeps the wanted ratio, `force` ignores the ratio, `auto` fills when source and size have the same orientation and fits otherwise.",
    partOf: { option: "resize", from: 0 },
    argument: type,
    examples: ["rt:fill"],
    print: printAlone("resizingType", ({ pipeline }) => type.print(pipeline.resizingType)),
  }),
  pipelineField("width", {
    name: "width",
    aliases: ["w"],
    group: "Size",
    doc: "Width of the result in pixels. 0 computes it from the height and the ratio of the source (with `force` it keeps the width of the source).",
    partOf: { option: "resize", from: 1 },
    argument: width,
    examples: ["w:300"],
    print: printAlone("width", ({ pipeline }) => width.print(pipeline.width)),
  }),
  pipelineField("height", {
    name: "height",
    aliases: ["h"],
    group: "Size",
    doc: "Height of the result in pixels, 0 as for the width.",
    partOf: { option: "resize", from: 2 },
    argument: height,
    examples: ["h:200"],
    print: printAlone("height", ({ pipeline }) => height.print(pipeline.height)),
  }),
  pipelineField("minWidth", {
    name: "min-width",
    aliases: ["mw"],
    group: "Size",
    doc: "Least width of the result; enlarges even without `enlarge`. With a smaller width also set, the result is cropped to that.",
    argument: integer("width", { min: 0, initial: "0", usual: USUAL_SIDE }),
    examples: ["mw:500"],
  }),
  pipelineField("minHeight", {
    name: "min-height",
    aliases: ["mh"],
    group: "Size",
    doc: "Least height of the result, as `min-width`.",
    argument: integer("height", { min: 0, initial: "0", usual: USUAL_SIDE }),
    examples: ["mh:500"],
  }),
  option({
    name: "zoom",
    aliases: ["z"],
    group: "Size",
    doc: "Multiplies the size, both sides by one factor or each by its own. Offsets, padding and watermark are not scaled.",
    arguments: [
      decimal("x", { above: 0, initial: "1", usual: USUAL_ZOOM }),
      trailing(decimal("y", { above: 0, initial: "x", usual: USUAL_ZOOM })),
    ],
    examples: ["z:0.5", "z:2:1.5"],
    apply: ([zoomX, zoomY]) => ({ pipeline: { zoomX, zoomY: zoomY ?? zoomX } }),
    print: ({ pipeline: { zoomX, zoomY } }, { pipeline: base }) => {
      if (zoomX === base.zoomX && zoomY === base.zoomY) return undefined;
      return zoomX === zoomY ? [String(zoomX)] : [String(zoomX), String(zoomY)];
    },
  }),
  pipelineField("dpr", {
    name: "dpr",
    aliases: [],
    group: "Size",
    doc: "Device pixel ratio: multiplies size, padding and the offsets of gravity and watermark. Without `enlarge` it is lowered where the image would be enlarged.",
    argument: decimal("factor", { above: 0, initial: "1", usual: [0.5, 4] }),
    examples: ["dpr:2"],
  }),
  pipelineField("enlarge", {
    name: "enlarge",
    aliases: ["el"],
    group: "Size",
    doc: "Enlarges images that are smaller than the size.",
    partOf: { option: "resize", from: 3 },
    argument: enlarge,
    examples: ["el:1"],
    print: printAlone("enlarge", ({ pipeline }) => enlarge.print(pipeline.enlarge)),
  }),
  option({
    name: "extend",
    aliases: ["ex"],
    group: "Size",
    doc: "Pads a result that is smaller than the size up to it, with the background or transparently (white where the format has no transparency). The image sits where the gravity says.",
    partOf: { option: "resize", from: 4 },
    arguments: [extend],
    tail: extendGravity,
    examples: ["ex:1", "ex:1:so:0:10", "ex:1:fp:0.5:0.25"],
    apply: ([isEnabled], gravity, { pipeline }) => ({
      pipeline: { extend: changeExtend(isEnabled, gravity, pipeline.extend) },
    }),
    print: (wanted, base) => printExtend(wanted.pipeline.extend, base.pipeline.extend),
  }),
  option({
    name: "extend_aspect_ratio",
    aliases: ["extend_ar", "exar"],
    group: "Size",
    doc: "As `extend`, but pads to the ratio of width and height instead of to the size itself. Needs both.",
    arguments: [extend],
    tail: extendGravity,
    examples: ["exar:1", "exar:1:we"],
    apply: ([isEnabled], gravity, { pipeline }) => ({
      pipeline: { extendAspectRatio: changeExtend(isEnabled, gravity, pipeline.extendAspectRatio) },
    }),
    print: (wanted, base) => printExtend(wanted.pipeline.extendAspectRatio, base.pipeline.extendAspectRatio),
  }),
] as const;
