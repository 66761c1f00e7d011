import type { OptionGroup, PlannedOption, WorkingOption } from "./option-row.ts";
import { shortName, usageOf } from "./option-row.ts";
import { OPTION_ROWS, OPTIONS } from "./table/option-table.ts";

const GROUPS: readonly OptionGroup[] = [
  "Size",
  "Geometry",
  "Look",
  "Metadata and colour",
  "Output",
  "Delivery",
  "Security",
];

const INTRODUCTION = `# Processing options

An option is a path segment of the URL: a name and its arguments, separated by colons (IMGPROXY_ARGUMENTS_SEPARATOR).

    /SIGNATURE/rs:fill:300:200/q:80/plain/s3://bucket/key.jpg@webp

Options are applied from left to right. Each overwrites only the fields that it gives, so the last of several wins, field
by field. The order of options does not change the order of processing. [URLs](url.md) has the rest of the grammar.

In a usage line \`[name]\` stands for an argument that may be left out. Unless a page says otherwise, one that is left out
or empty keeps what was set before.

- **integer**: decimal digits with an optional sign.
- **number**: also with a fraction or an exponent, \`0.5\`, \`.5\`, \`1e3\`.
- **boolean**: \`1\`, \`t\`, \`true\`, \`T\`, \`TRUE\` and \`True\` are true. Everything else is false, the empty text too.
- **colour**: three or six hexadecimal digits, without \`#\`.

Wrong options answer 404 \`Invalid URL\`. With IMGPROXY_DEVELOPMENT_ERRORS_MODE the answer says which option and which
argument, what was expected, and what was probably meant.
`;

const SECURITY_NOTE = `These need IMGPROXY_ALLOW_SECURITY_OPTIONS; without it they answer 403. They change the limits of the configuration for
one URL, so sign your URLs.
`;

const PLANNED_NOTE = `Options of imgproxy Pro that this version does not have yet. They answer 404 like unknown ones; the development error says
so.
`;

/** `docs/options.md` without the line that says it is generated. */
export function renderOptionsReference(): string {
  const groups = GROUPS.map((group) =>
    renderGroup(
      group,
      OPTIONS.filter((row) => row.group === group),
    ),
  );
  const planned = OPTION_ROWS.filter((row) => row.kind === "planned");
  return [INTRODUCTION, renderIndex(), ...groups, renderPlanned(planned)].join("\n");
}

function renderIndex(): string {
  const rows = OPTIONS.map(
    (row) => `| [${row.name}](#${row.name}) | ${names(row.aliases)} | ${firstSentence(row.doc)} |`,
  );
  return ["| option | short | |", "|---|---|---|", ...rows, ""].join("\n");
}

function renderGroup(group: OptionGroup, rows: readonly WorkingOption[]): string {
  const note = group === "Security" ? [SECURITY_NOTE] : [];
  return [`## ${group}\n`, ...note, ...rows.map(renderOption)].join("\n");
}

function renderOption(row: WorkingOption): string {
  const lines = [
    `### ${row.name}\n`,
    `\`${usageOf(row)}\`${row.aliases.length === 0 ? "" : `, also ${alsoNames(row)}`}\n`,
  ];
  lines.push(`${row.doc}\n`, "| argument | type | default |", "|---|---|---|");
  for (const argument of row.arguments) {
    lines.push(`| ${argument.name} | ${argument.type} | ${initial(argument.initial)} |`);
  }
  if (row.tail !== undefined) lines.push(`| ${row.tail.usage} | ${row.tail.type} | ${initial(row.tail.initial)} |`);
  lines.push("");
  if (row.examples.length > 0) lines.push(`Examples: ${row.examples.map((text) => `\`${text}\``).join(", ")}\n`);
  return lines.join("\n");
}

function renderPlanned(rows: readonly PlannedOption[]): string {
  const lines = rows.map((row) => `| ${row.name} | ${names(row.aliases)} | \`${usageOf(row)}\` | ${row.doc} |`);
  return ["## Not yet\n", PLANNED_NOTE, "| option | short | usage | |", "|---|---|---|---|", ...lines, ""].join("\n");
}

function names(aliases: readonly string[]): string {
  return aliases.map((alias) => `\`${alias}\``).join(" ");
}

function alsoNames(row: WorkingOption): string {
  return names([row.name, ...row.aliases].filter((name) => name !== shortName(row)));
}

function initial(text: string): string {
  return text.startsWith("IMGPROXY_") ? `[${text}](configuration.md#${text})` : text;
}

function firstSentence(doc: string): string {
  return doc.slice(0, doc.search(/\.(?:\s|$)/) + 1);
}
