import { readFile, writeFile } from "node:fs/promises";
import { extname } from "node:path";
import { type Config, loadConfig } from "../config/config.ts";
import { loadEnvironment } from "../config/environment.ts";
import { AppError, messageOf } from "../errors.ts";
import { formatFromName, IMAGE_FORMATS } from "../formats.ts";
import { loadConfiguredImages } from "../http/configured-images.ts";
import { compileRequestSettings } from "../http/read-request.ts";
import { createExactLoader } from "../native/memory-file.ts";
import { applyExtension, parseOptions } from "../options/parse-options.ts";
import type { ProcessingOptions } from "../options/types.ts";
import { configureSharp } from "../pipeline/configure-sharp.ts";
import { explainPlan } from "../pipeline/plan/explain.ts";
import type { ProcessedImage } from "../pipeline/types.ts";
import { type CommandRun, isFlagSet } from "./command.ts";
import { createCodecs } from "./serve/codecs.ts";
import { createImageProcessor } from "./serve/image-processor.ts";

const NOBODY_ACCEPTS = { webp: false, avif: false, jxl: false };

/** `imgproxy process FILE OPTIONS OUT`: the pipeline without a server, or with `--explain` only its plan. */
export const processCommand: CommandRun = async (line, terminal) => {
  const [file = "", optionText = "", out] = line.words;
  const { variables, file: environmentFile } = await loadEnvironment();
  const { config } = loadConfig(variables, { file: environmentFile });
  const options = readOptions(config, optionText, out);
  const bytes = await readFile(file).catch((error: unknown) => {
    const reason = messageOf(error);
    throw new AppError("usage", `cannot read ${file}: ${reason}`, { cause: error });
  });
  const { signal } = new AbortController();
  const hint = { extension: extname(file) };
  configureSharp();
  const isExplained = isFlagSet(line, "explain");
  if (out === undefined && !isExplained) throw new AppError("usage", "process needs a file to write to, or --explain");
  const codecs = createCodecs();
  try {
    const { watermark } = await loadConfiguredImages({ config, sources: new Map(), signal });
    const processImage = await createImageProcessor({
      config,
      watermark: watermark?.bytes,
      codecs,
      exactLoader: createExactLoader(),
      signal,
    });
    const result = await processImage({ bytes, hint, options, accepted: NOBODY_ACCEPTS, signal });
    if (isExplained) terminal.out(result.plan === null ? "the source goes out as it is\n" : explainPlan(result.plan));
    if (out !== undefined) await writeResult(out, result.bytes);
    if (out !== undefined && out !== "-") terminal.err(`${out}: ${describeResult(result)} (source ${bytes.length})\n`);
    return 0;
  } finally {
    await codecs.close();
  }
};

function describeResult({ format, width, height, frames, bytes }: ProcessedImage): string {
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
