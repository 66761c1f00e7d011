import { type Config, loadConfig } from "../../config/config.ts";
import { type Environment, publishEnvironment } from "../../config/environment.ts";
import { BUILD_INFO } from "../../native/build-info.ts";
import type { Terminal } from "../command.ts";
import { type ProcessShare, takeShare } from "./processes/share.ts";

export type ServerInput = {
  /** Called at start and at every reload. */
  readonly readEnvironment: () => Environment | Promise<Environment>;
  readonly terminal: Terminal;
  /** Set where this process is one of several that make up the server. */
  readonly share?: ProcessShare | undefined;
};

/** What a server works with, from the environment and the files that it names. */
export type Settings = {
  readonly config: Config;
  /** Whole sentences for the log. */
  readonly warnings: readonly string[];
  readonly environment: Environment;
};

/** Reads all settings anew. Throws `AppError("config")` for everything that is wrong, all at once. */
export async function readSettings({ readEnvironment, share }: ServerInput): Promise<Settings> {
  const environment = await readEnvironment();
  const { config, warnings } = loadConfig(environment.variables, { ...environment, version: BUILD_INFO.version });
  publishEnvironment(environment);
  // The parent has told of the warnings.
  if (share !== undefined) return { config: takeShare(config, share), warnings: [], environment };
  return { config, warnings, environment };
}
