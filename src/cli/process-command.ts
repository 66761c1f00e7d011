import { readFile, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { type Config, loadConfig } from "../config/config.ts";
import { loadEnvironment } from "../config/environment.ts";
import { AppError, messageOf } from "../errors.ts";
import { formatFromName, IMAGE_FORMATS } from "../formats.ts";
import { loadConfiguredImages } from "../http/configured-images.ts";
import { compileRequestSettings } from "../http/read-request.ts";
import type { ImageJob } from "../http/services.ts";
import { configureSharp } from "../image/configure-sharp.ts";
import { readSourceImage } from "../image/read-source-image.ts";
import type { ImageCodecs } from "../image/wasm/image-codecs.ts";
import { createExactLoader } from "../native/memory-file.ts";
import { applyExtension, parseOptions } from "../options/parse-options.ts";
import type { ProcessingOptions } from "../options/types.ts";
import { explainProcessing } from "../pipeline/explain-processing.ts";
import { type RenderedImage, unlimitedFormats } from "../pipeline/types.ts";
import { type CommandRun, isFlagSet } from "./command.ts";
import { createCodecs } from "./serve/codecs.ts";
import { createImageProcessor } from "./serve/image-processor.ts";

const NOBODY_ACCEPTS = { webp: false, avif: false, jxl: false };

type Tools = { readonly config: Config; readonly codecs: ImageCodecs; readonly watermark: Uint8Array | undefined };

/** `imgproxy process FILE OPTIONS OUT`: the pipeline without a server; `--explain` prints its plan, without OUT that alone. */
export const processCommand: CommandRun = async (line, terminal) => {
  const [file = "", optionText = "", out] = line.words;
  const { variables, file: environmentFile } = await loadEnvironment();
  const { config } = loadConfig(variables, { file: environmentFile });
  const options = readOptions(config, optionText, out);
  const isExplained = isFlagSet(line, "explain");
  if (out === undefined && !isExplained) throw new AppError("usage", "process needs a file to write to, or --explain");
  const bytes = await readFile(file).catch((error: unknown) => {
    const reason = messageOf(error);
    throw new AppError("usage", `cannot read ${file}: ${reason}`, { cause: error });
  });
  const { signal } = new AbortController();
  const job = { bytes, hint: { extension: extname(file) }, options, accepted: NOBODY_ACCEPTS, signal };
  configureSharp();
  const codecs = createCodecs();
  try {
    const { watermark } = await loadConfiguredImages({ config, sources: new Map(), signal });
    const tools = { config, codecs, watermark: watermark?.bytes };
    // Standard output is for the result where that is written there.
    if (isExplained) (out === "-" ? terminal.err : terminal.out)(await explain(job, tools));
    if (out !== undefined) {
      const result = await makeResult(job, tools);
      await writeResult(out, result.bytes);
      if (out !== "-") terminal.err(`${out}: ${describeResult(result)} (source ${bytes.length})\n`);
    }
    return 0;
  } finally {
    await codecs.close();
  }
};

/** The plan, from the header of the file alone. */
async function explain({ bytes, hint, options, accepted, signal }: ImageJob, tools: Tools): Promise<string> {
  const { config, codecs, watermark } = tools;
  const unlimited = unlimitedFormats(config);
  const source = await readSourceImage(bytes, { hint, limits: options, unlimited, codecs, signal });
  return explainProcessing({ source, options, accepted, settings: config, hasWatermark: watermark !== undefined });
}

async function makeResult(job: ImageJob, tools: Tools): Promise<RenderedImage> {
  const processImage = await createImageProcessor({ ...tools, exactLoader: createExactLoader(), signal: job.signal });
  return await processImage(job);
}

function describeResult({ format, width, height, frames, bytes }: RenderedImage): string {
  return `${format} ${width}x${height}${frames > 1 ? `, ${frames} frames` : ""}, ${bytes.length} bytes`;
}

/** The extension of OUT is the format, as it is in a URL; one that names no format leaves the choice to the options. */
function readOptions(config: Config, text: string, out: string | undefined): ProcessingOptions {
  const { options: rules } = compileRequestSettings(config);
  const segments = text.split("/").filter((segment) => segment !== "");
  const options = parseOptions(segments, rules, Math.floor(Date.now() / 1000));
  const extension = out === undefined || out === "-" ? "" : extname(out).slice(1).toLowerCase();
  const named = formatFromName(extension);
  if (named !== undefined && !IMAGE_FORMATS[named].canSave)
    throw new AppError("usage", `${named} files cannot be written`);
  return named === undefined ? options : applyExtension(options, extension);
}

async function writeResult(out: string, bytes: Uint8Array): Promise<void> {
  if (out === "-") {
    await new Promise<void>((resolve, reject) => {
      process.stdout.write(bytes, (error) => (error ? reject(error) : resolve()));
    });
    return;
  }
  await writeFile(out, bytes).catch((error: unknown) => {
    const reason = messageOf(error);
    throw new AppError("usage", `cannot write ${out}: ${reason}`, { cause: error });
  });
}
