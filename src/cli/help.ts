import { type Command, HELP_FLAG } from "./command.ts";

/** What `imgproxy help` prints. */
export function renderOverview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map((command) => command.name.length)) + 2;
  const lines = commands.map((command) => `  ${command.name.padEnd(width)}${command.summary}`);
  return `imgproxy serves resized, cropped and converted images from S3, HTTP and disk.

Usage: imgproxy [COMMAND] [ARGUMENTS]

Commands:
${lines.join("\n")}
  ${"help".padEnd(width)}Print this, or the help of a command.

Settings are IMGPROXY_* variables: \`imgproxy config\` lists them.
\`imgproxy COMMAND --help\` has flags and examples.
`;
}

/** What `imgproxy COMMAND --help` prints. */
export function renderCommandHelp(command: Command): string {
  const flags = [...command.flags, HELP_FLAG];
  const labels = flags.map(({ name, short, value }) => {
    const spellings = short === undefined ? `    --${name}` : `-${short}, --${name}`;
    return value === undefined ? spellings : `${spellings} ${value}`;
  });
  const width = Math.max(...labels.map((label) => label.length)) + 2;
  const flagLines = flags.map((flag, index) => `  ${(labels[index] ?? "").padEnd(width)}${flag.doc}`);
  const examples = command.examples.map(({ command: text, doc }) => `  ${text}${doc === "" ? "" : `\n      ${doc}`}`);
  return [
    `${command.summary}\n`,
    `Usage: imgproxy ${command.usage}\n`,
    ...(command.details === "" ? [] : [`${command.details}\n`]),
    `Flags:\n${flagLines.join("\n")}\n`,
    `Examples:\n${examples.join("\n")}\n`,
  ].join("\n");
}
