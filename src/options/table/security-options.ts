import { decimal, integer } from "../argument.ts";
import { requestField } from "../option-row.ts";

const PIXELS_PER_MEGAPIXEL = 1_000_000;
const readMegapixels = decimal("megapixels", { min: 0, initial: "" });

/** Written in megapixels, kept in whole pixels. */
function megapixels(initial: string) {
  return {
    ...readMegapixels,
    initial,
    read: (text: string) => {
      const value = readMegapixels.read(text);
      if (value === undefined) return undefined;
      return Math.min(Math.trunc(value * PIXELS_PER_MEGAPIXEL), Number.MAX_SAFE_INTEGER);
    },
    // Dividing may round down to a number that reads as one pixel less; half a pixel more always reads back.
    print: (pixels: number) => {
      const plain = pixels / PIXELS_PER_MEGAPIXEL;
      return String(
        Math.trunc(plain * PIXELS_PER_MEGAPIXEL) === pixels ? plain : (pixels + 0.5) / PIXELS_PER_MEGAPIXEL,
      );
    },
  };
}

export const SECURITY_OPTIONS = [
  requestField("maxSrcResolution", {
    name: "max_src_resolution",
    aliases: ["msr"],
    group: "Security",
    isSecurity: true,
    doc: "Largest source, width × height × frames. 0 refuses every source but SVG.",
    argument: megapixels("IMGPROXY_MAX_SRC_RESOLUTION"),
    examples: ["msr:10.5"],
  }),
  requestField("maxSrcFileSize", {
    name: "max_src_file_size",
    aliases: ["msfs"],
    group: "Security",
    isSecurity: true,
    doc: "Largest source file in bytes. 0 is no limit; a negative number refuses every source.",
    argument: integer("bytes", { initial: "IMGPROXY_MAX_SRC_FILE_SIZE" }),
    examples: ["msfs:1000000"],
  }),
  requestField("maxAnimationFrames", {
    name: "max_animation_frames",
    aliases: ["maf"],
    group: "Security",
    isSecurity: true,
    doc: "Most frames of an animation that are processed; the rest is cut off.",
    argument: integer("frames", { above: 0, initial: "IMGPROXY_MAX_ANIMATION_FRAMES" }),
    examples: ["maf:50"],
  }),
  requestField("maxAnimationFrameResolution", {
    name: "max_animation_frame_resolution",
    aliases: ["mafr"],
    group: "Security",
    isSecurity: true,
    doc: "Largest frame of an animation; replaces the check of `max_src_resolution` for animations unless it is 0.",
    argument: megapixels("IMGPROXY_MAX_ANIMATION_FRAME_RESOLUTION"),
    examples: ["mafr:0.5"],
  }),
  requestField("maxResultDimension", {
    name: "max_result_dimension",
    aliases: ["mrd"],
    group: "Security",
    isSecurity: true,
    doc: "Largest width and height of the result; larger ones are scaled down. 0 or less is no limit.",
    argument: integer("pixels", { initial: "IMGPROXY_MAX_RESULT_DIMENSION" }),
    examples: ["mrd:2000"],
  }),
] as const;
