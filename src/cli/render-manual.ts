import { defaultText, ROWS } from "../config/reading.ts";
import { SECTIONS, type Section } from "../config/variables.ts";
import { type Command, type Flag, HELP_FLAG } from "./command.ts";

/** The manual page in the language of man(7), from the tables of commands and variables. */
export function renderManual(commands: readonly Command[], version: string): string {
  return [
    `.TH IMGPROXY 1 "" ${quoted(`imgproxy ${version}`)} "User Commands"`,
    // No hyphenation, no stretched lines: names of variables must stay findable.
    ".nh\n.ad l",
    `.SH NAME\nimgproxy ${escaped("- an image server in front of S3, HTTP and disk")}`,
    `.SH SYNOPSIS\n${bold("imgproxy")} [COMMAND] [ARGUMENTS]`,
    `.SH DESCRIPTION\n${text("Serves resized, cropped and converted images. What happens to an image stands in its URL; where images come from and what is allowed stands in the environment. Without a command it serves.")}`,
    `.SH COMMANDS\n${commands.map(commandEntry).join("\n")}`,
    `.SH ENVIRONMENT\n${text("A blank value is the same as none. A secret that is not set is looked for in the folder that CREDENTIALS_DIRECTORY names, in a file called like the variable.")}\n${SECTIONS.flatMap(sectionEntry).join("\n")}`,
    `.SH SIGNALS\n${signals()}`,
    `.SH FILES\n${files()}`,
    `.SH EXIT STATUS\n${text("0 when all went well, else 1 after one message on standard error.")}`,
    `.SH SEE ALSO\n${bold("systemctl")}(1), ${bold("systemd.exec")}(5)`,
    "",
  ].join("\n");
}

function commandEntry(command: Command): string {
  const flags = [...command.flags, HELP_FLAG].map((flag) => entry(flagLabel(flag), flag.doc));
  const examples = command.examples.map(
    ({ command: line, doc }) => `.PP\n.nf\n    ${bold(line)}\n.fi${doc === "" ? "" : `\n.RS 8\n${text(doc)}\n.RE`}`,
  );
  return [
    `.SS ${quoted(command.name)}`,
    text(command.summary),
    // Both forms of a usage that has two.
    ...command.usage.split(" | ").map((usage) => `.PP\n${bold("imgproxy")} ${escaped(usage)}`),
    ...(command.details === "" ? [] : [".PP", text(command.details)]),
    ...flags,
    ...examples,
  ].join("\n");
}

function flagLabel({ name, short, value }: Flag): string {
  const spellings = short === undefined ? [`--${name}`] : [`-${short}`, `--${name}`];
  return `${spellings.map(bold).join(", ")}${value === undefined ? "" : ` ${italic(value)}`}`;
}

/** Variables of features that are not built yet are left to the reference. */
function sectionEntry({ title, keys }: Section): string[] {
  const rows = ROWS.filter(({ key, row }) => keys.includes(key) && row.status !== "pending");
  const entries = rows.map(({ row }) => {
    const fallback = defaultText(row);
    return entry(bold(row.env), fallback === null ? row.doc : `${row.doc} Default: ${fallback}.`);
  });
  return entries.length === 0 ? [] : [`.SS ${quoted(title)}`, ...entries];
}

function signals(): string {
  return [
    entry(bold("SIGTERM, SIGINT"), "Stop taking connections, let running requests finish, exit."),
    entry(
      bold("SIGHUP"),
      "Read the environment file, presets and images anew; what is wrong is told and the old settings stay.",
    ),
  ].join("\n");
}

function files(): string {
  return [
    entry(bold("/etc/imgproxy/imgproxy.env"), "The variables of the packaged service."),
    entry(
      bold("~/.cache/imgproxy/lib"),
      "The image libraries that the executable carries, unpacked; made anew when missing.",
    ),
  ].join("\n");
}

function entry(label: string, doc: string): string {
  return `.TP\n${label}\n${text(doc)}`;
}

/** A paragraph: what stands between backticks is bold; no line is mistaken for a request. */
function text(source: string): string {
  const parts = source.replace(/\s+/g, " ").split("`");
  return parts.map((part, index) => (index % 2 === 0 ? escaped(part) : bold(part))).join("");
}

function bold(source: string): string {
  return `\\fB${escaped(source)}\\fR`;
}

function italic(source: string): string {
  return `\\fI${escaped(source)}\\fR`;
}

function quoted(source: string): string {
  return `"${escaped(source).replaceAll('"', "\\(dq")}"`;
}

/** Backslashes, hyphens that must stay hyphens, dots and quotes where a line begins, and what is not ASCII. */
function escaped(source: string): string {
  return source
    .replaceAll("\\", "\\e")
    .replaceAll("-", "\\-")
    .replace(/^([.'])/gm, "\\&$1")
    .replace(/[\u0080-\u{10ffff}]/gu, (character) => `\\[u${codePoint(character)}]`);
}

function codePoint(character: string): string {
  return (character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0");
}
