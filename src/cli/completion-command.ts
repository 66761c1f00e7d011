import { AppError } from "../errors.ts";
import type { Command, CommandRun } from "./command.ts";
import { renderCompletions, SHELLS } from "./render-completions.ts";

/** `imgproxy completion SHELL`: the script for the shell on standard output. */
export function createCompletionCommand(commands: readonly Command[]): CommandRun {
  return async (line, terminal) => {
    const [word = ""] = line.words;
    const shell = SHELLS.find((name) => name === word);
    if (shell === undefined)
      throw new AppError("usage", `no completions for "${word}"; there are some for ${SHELLS.join(", ")}`);
    terminal.out(renderCompletions(shell, commands));
    return 0;
  };
}
