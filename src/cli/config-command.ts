import { loadConfig } from "../config/config.ts";
import { describeConfig, renderConfigJson, renderConfigTable } from "../config/describe.ts";
import { type Environment, loadEnvironment } from "../config/environment.ts";
import { BUILD_INFO } from "../native/build-info.ts";
import { chosenSettings, TUNED_MARK } from "../native/tuning.ts";
import { type CommandRun, isFlagSet } from "./command.ts";

/** `imgproxy config`: what every setting is and why, or with `--check` whether they are right. */
export const configCommand: CommandRun = async (line, terminal) => {
  const environment = await loadEnvironment();
  const { version } = BUILD_INFO;
  if (isFlagSet(line, "check")) {
    const { warnings } = loadConfig(environment.variables, { ...environment, version });
    for (const warning of warnings) terminal.err(`warning: ${warning}\n`);
    terminal.out("ok\n");
    return 0;
  }
  const isShown = ({ origin }: { readonly origin: string }) => !isFlagSet(line, "changed") || origin !== "default";
  const rows = [...describeConfig(environment, { version }), ...startSettings(environment)].filter(isShown);
  if (isFlagSet(line, "json")) terminal.out(renderConfigJson(rows));
  else terminal.out(rows.length === 0 ? "every setting has its default\n" : renderConfigTable(rows));
  return 0;
};

/** What the executable sets for itself when it starts, see docs/executable.md. */
function startSettings({ variables }: Environment): ReturnType<typeof describeConfig> {
  const ours = new Set((variables[TUNED_MARK] ?? "").split(","));
  return Object.entries(chosenSettings(variables)).map(([variable, chosen]) => {
    const own = ours.has(variable) ? undefined : variables[variable];
    return {
      section: "Set at the start of the process",
      variable,
      value: own ?? chosen,
      origin: own === undefined ? "default" : "environment",
      default: chosen,
      status: "works" as const,
      isReloadable: false,
      error: null,
    };
  });
}
