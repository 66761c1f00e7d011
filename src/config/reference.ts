import { FOREIGN } from "./foreign.ts";
import { PAID_EDITION_NAMES } from "./paid-names.ts";
import { defaultText } from "./reading.ts";
import { IGNORED, RENAMED } from "./retired.ts";
import type { Variable } from "./variable.ts";
import { type ConfigKey, SECTIONS, VARIABLES } from "./variables.ts";

const INTRODUCTION = `# Configuration

Everything is set by variables of the environment; names and meanings are imgproxy's. \`imgproxy config\` shows every variable
with its value and where that comes from. At start all mistakes are reported at once, and nothing starts until they are mended.

How values are read:

- An empty or blank value is the same as none, except where it says otherwise.
- Numbers have no blanks around them. \`bool\` is one of \`true\`, \`True\`, \`TRUE\`, \`t\`, \`T\`, \`1\` or \`false\`, \`False\`, \`FALSE\`, \`f\`, \`F\`, \`0\`.
- Words of a fixed set may be written in any letter case. Blanks around the items of lists do not count.
- A variable that begins with \`IMGPROXY_\` and is not listed here is warned about, with the name it was probably meant to be.
- Values marked *secret* are never shown. Variables marked *not built yet* are known and checked, but do nothing so far.
- A reload (SIGHUP) reads the environment file, presets and images anew; what is marked *restart* stays as it was at the start.
- The file that \`IMGPROXY_ENV_LOCAL_FILE_PATH\` names holds \`NAME=value\` lines and overrides the environment. It knows \`#\` comments,
  \`export\`, single and double quotes (in double ones \`\\n\`, \`\\"\`, \`\\\\\`, \`\\$\`) and \`$NAME\` or \`\${NAME}\` for values set before.
- Such a text may also lie in AWS Secrets Manager (\`IMGPROXY_ENV_AWS_SECRET_ID\`) or Google Secret Manager (\`IMGPROXY_ENV_GCP_SECRET_ID\`), and single
  values below a path of AWS Systems Manager (\`IMGPROXY_ENV_AWS_SSM_PARAMETERS_PATH\`). All override the environment and are read anew by a
  reload; of these three and the file, what comes later wins: Secrets Manager, Systems Manager, Google, the file.
- A *secret* that is not set is looked for in the folder that \`CREDENTIALS_DIRECTORY\` names (systemd's \`LoadCredential=\`), in a file called like the
  variable: \`LoadCredential=IMGPROXY_KEY:/etc/imgproxy/key\`. Blanks and line breaks around its content do not count. See [systemd.md](systemd.md).
`;

/** Text of `docs/configuration.md` below the line that says it is generated. */
export function renderConfigReference(): string {
  const sections = SECTIONS.map(({ title, keys }) => `## ${title}\n\n${variableTable(keys)}`);
  const renamed = [...RENAMED].map(([name, now]) => [code(name), code(now)]);
  const ignored = [...IGNORED].map(([name, { reason }]) => [code(name), reason]);
  const foreign = [...FOREIGN].map(([name, doc]) => [code(name), doc]);
  const others = [
    `## Read by the runtime\n\n${table(["Variable", "Meaning"], foreign)}`,
    `## Removed names\n\nThey have no effect; a warning names the variable to set instead. With \`IMGPROXY_FAIL_ON_DEPRECATION\` they stop the start.\n\n${table(["Name", "Set instead"], renamed)}`,
    `## Without effect here\n\n${table(["Name", "Why"], ignored)}`,
    `## Of the paid edition\n\nThese belong to imgproxy's paid edition, are not built here and are warned about: ${[...PAID_EDITION_NAMES].map(code).join(", ")}.`,
  ];
  return `${[INTRODUCTION.trimEnd(), ...sections, ...others].join("\n\n")}\n`;
}

/** An environment file with every variable of our own that works, commented out, below the line that says it is generated. */
export function renderEnvironmentExample(): string {
  const intro = "# Every line that is commented out shows the default. Meanings in full: docs/configuration.md";
  const sections = SECTIONS.flatMap(({ title, keys }) => {
    const entries = keys.map(rowOf).filter(({ env, status }) => env.startsWith("IMGPROXY_") && status !== "pending");
    if (entries.length === 0) return [];
    return `# ---- ${title} ----\n\n${entries.map(exampleEntry).join("\n\n")}`;
  });
  return `${[intro, ...sections].join("\n\n")}\n`;
}

/**
 * Part of the systemd unit, below the line that says it is generated: every secret that works is asked for as a credential.
 * systemd passes over those that it has nothing for.
 */
export function renderCredentialsDropIn(): string {
  const secrets = SECTIONS.flatMap(({ keys }) => keys.map(rowOf)).filter(
    ({ isSecret, status }) => isSecret && status !== "pending",
  );
  const intro =
    "# From /etc/credstore, /run/credstore or /usr/lib/credstore, or from what booted the machine; see docs/systemd.md";
  return `${[intro, "[Service]", ...secrets.map(({ env }) => `LoadCredential=${env}`)].join("\n")}\n`;
}

function exampleEntry(row: Variable<unknown>): string {
  const value = row.defaultText === undefined ? (defaultText(row) ?? "") : "";
  const text = /^[\w.,:;=/@%+-]*$/.test(value) ? value : `'${value}'`;
  return `# ${row.doc.replaceAll("`", "")}\n#${row.env}=${text}`;
}

function variableTable(keys: readonly ConfigKey[]): string {
  const cells = keys.map(rowOf).map((row) => {
    const fallback = defaultText(row);
    return [
      `<a id="${row.env}"></a>${[row.env, ...(row.alternates ?? [])].map(code).join(", ")}`,
      allowed(row),
      fallback === null ? "" : row.defaultText === undefined ? code(fallback) : fallback,
      [row.doc, ...marksOf(row)].join(" "),
    ];
  });
  return table(["Variable", "Value", "Default", "Meaning"], cells);
}

function marksOf({ isSecret, needsRestart, status }: Variable<unknown>): string[] {
  return [
    ...(isSecret ? ["*Secret.*"] : []),
    ...(needsRestart ? ["*Restart.*"] : []),
    ...(status === "pending" ? ["*Not built yet.*"] : []),
  ];
}

/** The general kinds are explained at the top of the page. */
function allowed({ type }: Variable<unknown>): string {
  return type.name === "bool" || type.name === "string" ? type.name : type.expected;
}

function rowOf(key: ConfigKey): Variable<unknown> {
  return VARIABLES[key];
}

function table(head: readonly string[], body: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...body.map(line)].join("\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
