/** Pages of Markdown, taken apart as far as the checks of the documentation need it. */

export type CodeBlock = {
  /** First word of the info string; empty for a block without one. */
  readonly language: string;
  /** The words behind it, which say how a block is tested. */
  readonly marks: readonly string[];
  readonly text: string;
  /** Of its first line of code, from 1. */
  readonly line: number;
};

export type Link = { readonly target: string; readonly line: number };

export type Markdown = {
  readonly blocks: readonly CodeBlock[];
  /** Links and pictures, in the text only. */
  readonly links: readonly Link[];
  /** What stands between backticks, in the text only. */
  readonly codes: readonly { readonly text: string; readonly line: number }[];
  /** What a fragment can name: headings as GitHub spells them, and `id` attributes. */
  readonly anchors: ReadonlySet<string>;
};

export function parseMarkdown(source: string): Markdown {
  const { blocks, prose } = splitBlocks(source.split("\n"));
  const links: Link[] = [];
  const codes: { text: string; line: number }[] = [];
  const anchors = new Set<string>();
  for (const [index, text] of prose.entries()) {
    const line = index + 1;
    for (const [, , code = ""] of text.matchAll(/(`+)(.+?)\1(?!`)/g)) codes.push({ text: code.trim(), line });
    const bare = text.replace(/(`+)(.+?)\1(?!`)/g, "");
    for (const [, target = ""] of bare.matchAll(/\]\(<?([^)\s>]*)>?(?:\s+"[^"]*")?\)/g)) links.push({ target, line });
    for (const [, target = ""] of bare.matchAll(/<(?:img|a|source)\b[^>]*?\b(?:src|href|srcset)="([^"]*)"/g))
      links.push({ target, line });
    for (const [, target = ""] of bare.matchAll(/<(https?:[^>\s]+)>/g)) links.push({ target, line });
    for (const [, id = ""] of text.matchAll(/\bid="([^"]+)"/g)) anchors.add(id);
    const heading = /^#{1,6}\s+(.*?)\s*#*$/.exec(text);
    if (heading !== null) addHeading(anchors, heading[1] ?? "");
  }
  return { blocks, links, codes, anchors };
}

/** Fenced and indented code on one side, the lines of text on the other, blank where code was. */
function splitBlocks(lines: readonly string[]): { blocks: CodeBlock[]; prose: string[] } {
  const blocks: CodeBlock[] = [];
  const prose: string[] = [];
  for (let index = 0; index < lines.length; index++) {
    const line = lines[index] ?? "";
    const fence = /^(\s*)(`{3,}|~{3,})\s*(.*)$/.exec(line);
    if (fence === null) {
      const isIndentedCode = /^ {4}\S/.test(line) && (lines[index - 1] ?? "").trim() === "";
      const end = isIndentedCode ? endOfIndented(lines, index) : index;
      if (end > index) {
        blocks.push({ language: "", marks: [], text: lines.slice(index, end).join("\n"), line: index + 1 });
        for (; index < end - 1; index++) prose.push("");
        prose.push("");
      } else prose.push(line);
      continue;
    }
    const [, indent = "", marker = "", info = ""] = fence;
    const end = lines.findIndex((text, at) => at > index && text.trim() === marker);
    if (end < 0) throw new Error(`the code block of line ${index + 1} has no end`);
    const [language = "", ...marks] = info.split(/\s+/);
    const text = lines
      .slice(index + 1, end)
      .map((code) => (code.startsWith(indent) ? code.slice(indent.length) : code));
    blocks.push({ language, marks, text: text.join("\n"), line: index + 2 });
    for (; index < end; index++) prose.push("");
    prose.push("");
  }
  return { blocks, prose };
}

function endOfIndented(lines: readonly string[], start: number): number {
  let end = start;
  while (/^ {4}/.test(lines[end] ?? "")) end++;
  return end;
}

/** As GitHub does it: lower case, letters, digits, `_` and `-` only, blanks as `-`, a number behind what comes again. */
function addHeading(anchors: Set<string>, heading: string): void {
  const text = heading.replace(/\[([^\]]*)\]\([^)]*\)/g, "$1").replace(/<[^>]*>/g, "");
  const slug = text
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M} _-]/gu, "")
    .replaceAll(" ", "-");
  let name = slug;
  for (let again = 1; anchors.has(name); again++) name = `${slug}-${again}`;
  anchors.add(name);
}
