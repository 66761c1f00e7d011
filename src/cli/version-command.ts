import { BUILD_INFO } from "../native/build-info.ts";
import type { CommandRun } from "./command.ts";
import { isFlagSet } from "./command.ts";

/** `imgproxy version`: what to put into a bug report. Library versions are those of the build; nothing is loaded to ask. */
export const versionCommand: CommandRun = async (line, terminal) => {
  const { version, commit, target, libraries } = BUILD_INFO;
  if (isFlagSet(line, "json")) {
    terminal.out(`${JSON.stringify({ version, commit, target, libraries, bun: process.versions["bun"] })}\n`);
    return 0;
  }
  terminal.out(`imgproxy ${version} (commit ${commit}, ${target})\nbun ${process.versions["bun"]}, ${libraries}\n`);
  return 0;
};
