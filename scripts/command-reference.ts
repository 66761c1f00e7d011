import { type Command, type Flag, HELP_FLAG } from "../src/cli/command.ts";
import { COMMANDS } from "../src/cli/commands.ts";

const INTRODUCTION = `# Commands

\`imgproxy COMMAND\`; without one it serves. \`imgproxy help\` lists them, \`imgproxy COMMAND --help\` prints what stands here. All read the settings of
[Configuration](configuration.md). The exit status is 0 when all went well, else 1 after one message on standard error.
`;

/** Text of `docs/commands.md` below the line that says it is generated. */
export function renderCommandReference(): string {
  const overview = COMMANDS.map(({ name, summary }) => `| [${name}](#${name}) | ${cell(summary)} |`);
  return [INTRODUCTION, "| command | |", "|---|---|", ...overview, "", ...COMMANDS.map(renderCommand)].join("\n");
}

function renderCommand({ name, summary, usage, details, flags, examples }: Command): string {
  const usages = usage.split(" | ").map((form) => `    imgproxy ${form}`);
  return [
    `## ${name}\n`,
    `${usages.join("\n")}\n`,
    `${[summary, ...details.split("\n")].join(" ").trim()}\n`,
    "| flag | |\n|---|---|",
    ...[...flags, HELP_FLAG].map((flag) => `| ${flagLabel(flag)} | ${cell(flag.doc)} |`),
    "",
    ...examples.map(({ command, doc }) => `    ${command}${doc === "" ? "" : `    # ${doc}`}`),
    "",
  ].join("\n");
}

function flagLabel({ name, short, value }: Flag): string {
  const spellings = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  return spellings.map((spelling) => `\`${spelling}${value === undefined ? "" : ` ${value}`}\``).join(", ");
}

function cell(text: string): string {
  return text.replaceAll("|", "\\|");
}
