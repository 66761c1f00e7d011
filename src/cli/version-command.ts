import { readFile } from "node:fs/promises";
import { AppError } from "../errors.ts";
import { BUILD_INFO } from "../native/build-info.ts";
import { LICENSES_FILE } from "../native/licenses.ts";
import type { CommandRun } from "./command.ts";
import { isFlagSet } from "./command.ts";

/** `imgproxy version`: what to put into a bug report. Library versions are those of the build; nothing is loaded to ask. */
export const versionCommand: CommandRun = async (line, terminal) => {
  if (isFlagSet(line, "licenses")) {
    terminal.out(await readLicenses(LICENSES_FILE));
    return 0;
  }
  const { version, commit, target, libraries } = BUILD_INFO;
  if (isFlagSet(line, "json")) {
    terminal.out(`${JSON.stringify({ version, commit, target, libraries, bun: process.versions["bun"] })}\n`);
    return 0;
  }
  terminal.out(`imgproxy ${version} (commit ${commit}, ${target})\nbun ${process.versions["bun"]}, ${libraries}\n`);
  return 0;
};

async function readLicenses(file: string | undefined): Promise<string> {
  if (file === undefined)
    throw new AppError("usage", "this runs from source; only the executable carries the licences of what is in it", {
      hint: "Build it with `bun run build`, or look into the packages in node_modules.",
    });
  return await readFile(file, "utf8");
}
