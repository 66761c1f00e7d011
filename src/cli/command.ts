/** Where a command reads its surroundings from and writes to; tests pass their own. */
export type Terminal = {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** Whether a person is looking: banners and progress are for them only. */
  readonly isInteractive: boolean;
};

/** One flag of a command. */
export type Flag = {
  readonly name: string;
  readonly short?: string;
  readonly type: "boolean" | "string";
  /** Word for the value in help, e.g. `ADDRESS`; strings only. */
  readonly value?: string;
  readonly doc: string;
};

/** Every command has it. */
export const HELP_FLAG: Flag = { name: "help", short: "h", type: "boolean", doc: "Print the help of the command." };

/** What a command line says after the command's name. */
export type CommandLine = {
  readonly flags: Readonly<Record<string, string | boolean | undefined>>;
  readonly words: readonly string[];
};

/** Carries a command out; returns the exit status. Throws `AppError`, which becomes one clear message and status 1. */
export type CommandRun = (line: CommandLine, terminal: Terminal) => Promise<number>;

/** One row of the table that parsing, help, man page and completions derive from. */
export type Command = {
  readonly name: string;
  readonly summary: string;
  /** What stands after `imgproxy` in the usage line. */
  readonly usage: string;
  readonly details: string;
  readonly flags: readonly Flag[];
  /** How many words may follow, at least and at most; `choices` are what the first of them can be, where that is fixed. */
  readonly words: { readonly min: number; readonly max: number; readonly choices?: readonly string[] };
  readonly examples: readonly { readonly command: string; readonly doc: string }[];
  /** Loaded on use: `version` must not wait for the S3 client. */
  readonly load: () => Promise<CommandRun>;
};

/** The text of a string flag, or undefined when it was not given. */
export function textFlag(line: CommandLine, name: string): string | undefined {
  const value = line.flags[name];
  return typeof value === "string" ? value : undefined;
}

/** Whether a switch was given. */
export function isFlagSet(line: CommandLine, name: string): boolean {
  return line.flags[name] === true;
}
