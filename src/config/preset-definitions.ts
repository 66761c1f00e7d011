import { readFileSync } from "node:fs";
import { AppError, messageOf } from "../errors.ts";
import type { Config } from "./config.ts";

/**
 * The preset definitions, `NAME=OPTIONS` each, in the order in which they count: those of IMGPROXY_PRESETS, then the lines of
 * the file at IMGPROXY_PRESETS_PATH. Blank ones and `#` comments are left out. Throws `AppError("config")` when the file
 * cannot be read.
 */
export function readPresetDefinitions(config: Pick<Config, "presets" | "presetsSeparator" | "presetsPath">): string[] {
  const own = config.presets === "" ? [] : config.presets.split(config.presetsSeparator);
  const lines = config.presetsPath === "" ? [] : readLines(config.presetsPath);
  return [...own, ...lines].map((item) => item.trim()).filter((item) => item !== "" && !item.startsWith("#"));
}

function readLines(path: string): string[] {
  try {
    return readFileSync(path, "utf8").split("\n");
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("config", `IMGPROXY_PRESETS_PATH="${path}" cannot be read (${reason}).`, { cause });
  }
}
