import type { Config } from "../../config/config.ts";

/** Whether the playground is served: where it is asked for, and in development mode unless it is refused. */
export function isPlaygroundOn(config: Pick<Config, "playground" | "developmentErrorsMode">): boolean {
  return config.playground ?? config.developmentErrorsMode;
}
