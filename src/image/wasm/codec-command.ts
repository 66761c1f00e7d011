import { fileURLToPath } from "node:url";

/** Hidden command of the executable that runs `runCodecProcess`. */
export const CODEC_PROCESS_COMMAND = "codec-process";

/** Program and arguments that start a codec process: this executable again, or this Bun on the source file. */
export function codecCommand(): readonly [string, ...string[]] {
  if (/\/(?:\$bunfs|~BUN)\//.test(import.meta.url)) return [process.execPath, CODEC_PROCESS_COMMAND];
  return [process.execPath, fileURLToPath(new URL("./codec-process-main.ts", import.meta.url))];
}
