import { fileURLToPath } from "node:url";

/** Hidden command of the program that runs `runCodecProcess`. */
export const CODEC_PROCESS_COMMAND = "codec-process";

/** Argument that says that descriptor 3 is a file in memory through which large answers go. */
export const SHARED_FILE_FLAG = "--shared-file";
export const SHARED_FILE = 3;

/** Program and arguments that start a codec process: this executable again, or this runtime on the source. */
export function codecCommand(): readonly [string, ...string[]] {
  if (/\/(?:\$bunfs|~BUN)\//.test(import.meta.url)) return [process.execPath, CODEC_PROCESS_COMMAND];
  const runner = process.versions["deno"] === undefined ? [] : ["run", "--allow-all", "--no-lock"];
  const main = fileURLToPath(new URL("../../main.ts", import.meta.url));
  return [process.execPath, ...runner, main, CODEC_PROCESS_COMMAND];
}
