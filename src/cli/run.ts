import { parseArgs } from "node:util";
import { AppError, toAppError } from "../errors.ts";
import { nearestWord } from "../text/nearest.ts";
import { type Command, type CommandLine, HELP_FLAG, type Terminal } from "./command.ts";
import { COMMANDS } from "./commands.ts";
import { renderCommandHelp, renderOverview } from "./help.ts";
import { SERVER_PROCESS_COMMAND } from "./serve/processes/messages.ts";

/**
 * Carries out a command line and returns the exit status: 0 when all went well, else 1 after one clear message on `err`.
 * Without a command it serves, as the reference does.
 */
export async function run(args: readonly string[], terminal: Terminal): Promise<number> {
  try {
    return await dispatch(args, terminal);
  } catch (thrown) {
    const error = toAppError(thrown);
    terminal.err(`imgproxy: ${error.message}\n`);
    if (error.hint !== undefined) terminal.err(`${error.hint}\n`);
    return 1;
  }
}

async function dispatch(args: readonly string[], terminal: Terminal): Promise<number> {
  const [first = "serve", ...rest] = args;
  if (first === "help" || first === "h" || first === "--help" || first === "-h") {
    terminal.out(rest[0] === undefined ? renderOverview(COMMANDS) : renderCommandHelp(commandNamed(rest[0])));
    return 0;
  }
  if (first === SERVER_PROCESS_COMMAND) {
    const { runServerProcess } = await import("./serve/processes/run-server-process.ts");
    return runServerProcess(terminal);
  }
  if (first === "--version") return dispatch(["version", ...rest], terminal);
  // `imgproxy --bind :9000` means serve.
  if (first.startsWith("-")) return dispatch(["serve", ...args], terminal);
  const command = commandNamed(first);
  const line = parseCommandLine(command, rest);
  if (line === "help") {
    terminal.out(renderCommandHelp(command));
    return 0;
  }
  return (await command.load())(line, terminal);
}

function commandNamed(name: string): Command {
  const command = COMMANDS.find((candidate) => candidate.name === name);
  if (command !== undefined) return command;
  const nearest = nearestWord(name, [...COMMANDS.map((candidate) => candidate.name), "help"]);
  throw new AppError("usage", `unknown command "${name}"${nearest ? `, did you mean "${nearest}"?` : ""}`, {
    hint: "`imgproxy help` lists the commands.",
  });
}

function parseCommandLine(command: Command, args: readonly string[]): CommandLine | "help" {
  const rows = [...command.flags, HELP_FLAG];
  const options = Object.fromEntries(
    rows.map(({ name, type, short }) => [name, { type, ...(short === undefined ? {} : { short }) }]),
  );
  const { values, positionals, tokens } = parseArgs({
    args: [...args],
    options,
    allowPositionals: true,
    strict: false,
    tokens: true,
  });
  if (values["help"] === true) return "help";
  for (const token of tokens) {
    if (token.kind !== "option") continue;
    const row = rows.find((flag) => flag.name === token.name);
    if (row === undefined) throw unknownFlag(command, token.rawName);
    if (row.type === "string" && (token.value === undefined || token.value === ""))
      throw misuse(command, `${token.rawName} needs a value`);
    if (row.type === "boolean" && token.value !== undefined) throw misuse(command, `${token.rawName} takes no value`);
  }
  if (positionals.length < command.words.min || positionals.length > command.words.max)
    throw misuse(command, `${command.name} takes ${wordCount(command)}, got ${positionals.length}`);
  const flags: Record<string, string | boolean | undefined> = {};
  for (const [name, value] of Object.entries(values)) if (!Array.isArray(value)) flags[name] = value;
  return { flags, words: positionals };
}

function wordCount({ words: { min, max } }: Command): string {
  if (max === 0) return "no words";
  if (min === max) return `${min} word${min === 1 ? "" : "s"}`;
  return `${min} to ${max} words`;
}

function unknownFlag(command: Command, flag: string): AppError {
  const names = [...command.flags.map(({ name }) => name), "help"];
  const nearest = nearestWord(flag.replace(/^-+/, ""), names);
  return misuse(command, `unknown flag ${flag}${nearest ? `, did you mean --${nearest}?` : ""}`);
}

function misuse(command: Command, message: string): AppError {
  return new AppError("usage", message, {
    hint: `usage: imgproxy ${command.usage}\n\`imgproxy ${command.name} --help\` has more.`,
  });
}
