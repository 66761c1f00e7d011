import { FORMAT_NAMES, formatFromName, IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import { flag, format, integer } from "../argument.ts";
import { refuseArgument, refuseArgumentCount } from "../option-errors.ts";
import { option, requestField, type Segment, type Tail } from "../option-row.ts";

const anyFormat = format("format", { initial: "automatic" });
const quality = integer("quality", { min: 0, max: 100, initial: "0" });

// Object.keys widens to string; the table's keys are exactly ImageFormat.
const QUALITY_FORMATS = (Object.keys(IMAGE_FORMATS) as ImageFormat[]).filter(
  (name) => IMAGE_FORMATS[name].hasQuality && IMAGE_FORMATS[name].canSave,
);

function readFormat(segment: Segment, index: number): ImageFormat {
  return formatFromName(segment.arguments[index] ?? "") ?? refuseArgument(segment, index, anyFormat);
}

const formatQualities: Tail<Readonly<Partial<Record<ImageFormat, number>>>> = {
  usage: "format:quality:[format]:[quality]:…",
  type: "pairs of a format and an integer 0…100",
  expected: "pairs of a format and a quality",
  initial: "IMGPROXY_FORMAT_QUALITY",
  control: { kind: "format-qualities", formats: QUALITY_FORMATS },
  most: Number.POSITIVE_INFINITY,
  read: (segment, from) => {
    const qualities: Partial<Record<ImageFormat, number>> = {};
    for (let index = from; index < segment.arguments.length; index += 2) {
      const name = readFormat(segment, index);
      const written = segment.arguments[index + 1];
      if (written === undefined) refuseArgumentCount(segment, index + 1, "every format needs a quality");
      qualities[name] = quality.read(written) ?? refuseArgument(segment, index + 1, quality);
    }
    return qualities;
  },
};

const formats: Tail<readonly ImageFormat[]> = {
  usage: "format:[format]:…",
  type: "image formats",
  expected: anyFormat.expected,
  initial: "IMGPROXY_SKIP_PROCESSING_FORMATS",
  control: { kind: "formats" },
  most: Number.POSITIVE_INFINITY,
  read: (segment, from) => segment.arguments.slice(from).map((_, index) => readFormat(segment, from + index)),
};

export const OUTPUT_OPTIONS = [
  requestField("quality", {
    name: "quality",
    aliases: ["q"],
    group: "Output",
    doc: "Quality of the encoder. 0 takes `format_quality`, then IMGPROXY_FORMAT_QUALITY, then IMGPROXY_QUALITY. Formats without a quality ignore it.",
    argument: quality,
    examples: ["q:75"],
  }),
  option({
    name: "format_quality",
    aliases: ["fq"],
    group: "Output",
    doc: "Quality by format of the result, below `quality` and above the configuration. 0 leaves it to the configuration.",
    arguments: [],
    tail: formatQualities,
    examples: ["fq:jpeg:70:webp:60"],
    apply: (_, qualities, { request: { formatQuality } }) => ({
      request: { formatQuality: Object.freeze({ ...formatQuality, ...qualities }) },
    }),
    print: ({ request: { formatQuality } }, { request: base }) => {
      // Object.keys widens to string; the table's keys are exactly ImageFormat.
      const changed = (Object.keys(IMAGE_FORMATS) as ImageFormat[]).filter(
        (name) => formatQuality[name] !== base.formatQuality[name] && formatQuality[name] !== undefined,
      );
      return changed.length === 0 ? undefined : changed.flatMap((name) => [name, String(formatQuality[name])]);
    },
  }),
  requestField("maxBytes", {
    name: "max_bytes",
    aliases: ["mb"],
    group: "Output",
    doc: "Lowers the quality until the result has at most this many bytes, as far as that goes; 0 switches it off. Formats without a quality ignore it.",
    argument: integer("bytes", { min: 0, initial: "0" }),
    examples: ["mb:50000"],
  }),
  option({
    name: "format",
    aliases: ["f", "ext"],
    group: "Output",
    doc: `Format of the result. The extension of the URL (\`@webp\`, \`.webp\`) means the same and wins. Without either, the format of the source where IMGPROXY_PREFERRED_FORMATS lists it, else the first there that suits. Names: ${FORMAT_NAMES.join(", ")}.`,
    arguments: [anyFormat],
    examples: ["f:webp"],
    apply: ([name]) => ({ request: { format: name } }),
    print: ({ request }, { request: base }) =>
      request.format === base.format || request.format === null ? undefined : [request.format],
  }),
  option({
    name: "skip_processing",
    aliases: ["skp"],
    group: "Output",
    doc: "Returns sources of these formats as they are, unless another format is asked for. Adds to IMGPROXY_SKIP_PROCESSING_FORMATS and to earlier uses; nothing takes a format away again.",
    arguments: [],
    tail: formats,
    examples: ["skp:png:gif"],
    apply: (_, added = [], { request: { skipProcessing } }) => ({
      request: { skipProcessing: Object.freeze([...new Set([...skipProcessing, ...added])]) },
    }),
    print: ({ request: { skipProcessing } }, { request: base }) => {
      const added = skipProcessing.filter((name) => !base.skipProcessing.includes(name));
      return added.length === 0 ? undefined : added;
    },
  }),
  requestField("raw", {
    name: "raw",
    aliases: [],
    group: "Output",
    doc: "Sends the source as it is, without looking into it: no type, size or resolution check. The extension of the URL is not looked at either.",
    argument: flag("raw", { initial: "0" }),
    examples: ["raw:1"],
  }),
] as const;
