import { BUILD_INFO } from "../native/build-info.ts";
import type { Command, CommandRun } from "./command.ts";
import { renderManual } from "./render-manual.ts";

/** `imgproxy manual`: the manual page, for `man -l -` and for packages. */
export function createManualCommand(commands: readonly Command[]): CommandRun {
  return async (_line, terminal) => {
    terminal.out(renderManual(commands, BUILD_INFO.version));
    return 0;
  };
}
