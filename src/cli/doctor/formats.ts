import { AppError, messageOf } from "../../errors.ts";
import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import { configureSharp } from "../../image/configure-sharp.ts";
import { createExactLoader } from "../../native/memory-file.ts";
import { defaultOptions } from "../../options/default-options.ts";
import { createCodecs } from "../serve/codecs.ts";
import { createImageProcessor } from "../serve/image-processor.ts";
import { type Check, type Finding, fail, ok } from "./finding.ts";

const NOBODY_ACCEPTS = { webp: false, avif: false, jxl: false };
const TIMEOUT_MS = 20_000;
const SAMPLE = `<svg xmlns="http://www.w3.org/2000/svg" width="64" height="48"><rect width="64" height="48" fill="#369"/></svg>`;

/** Writes a small picture in every format and reads it again, through the whole pipeline. */
export const formatsCheck: Check = {
  name: "formats",
  async run({ config }) {
    configureSharp();
    const codecs = createCodecs();
    try {
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const parts = { config, watermark: undefined, codecs, exactLoader: createExactLoader(), signal };
      const processImage = await createImageProcessor(parts);
      const convert = async (bytes: Uint8Array, format: ImageFormat) => {
        const options = { ...defaultOptions(config), format };
        return processImage({ bytes, hint: {}, options, accepted: NOBODY_ACCEPTS, signal });
      };
      const findings: Finding[] = [];
      for (const format of writableFormats()) {
        const startedAt = performance.now();
        try {
          const written = await convert(new TextEncoder().encode(SAMPLE), format);
          const read = await convert(written.bytes, "png");
          if (read.width !== 64 || read.height !== 48) throw new AppError("internal", "came back with another size");
          findings.push(ok(`${format} written and read (${Math.round(performance.now() - startedAt)} ms)`));
        } catch (error) {
          const reason = messageOf(error);
          findings.push(fail(`${format}: ${reason}`, "Please report this with the output of `imgproxy version`."));
        }
      }
      return findings;
    } finally {
      await codecs.close();
    }
  },
};

function writableFormats(): ImageFormat[] {
  // The keys of the table are exactly ImageFormat.
  const formats = Object.keys(IMAGE_FORMATS) as ImageFormat[];
  return formats.filter((format) => format !== "svg" && IMAGE_FORMATS[format].canSave);
}
