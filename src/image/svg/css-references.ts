import { schemeOf } from "./svg-policy.ts";

/** One piece of CSS; together they cover any text. A line break ends a string. Names may hold escapes, so `u\72 l` is `url`. */
const TOKEN =
  /(?<comment>\/\*[\s\S]*?(?:\*\/|$))|(?<string>"(?:\\[\s\S]|[^"\\\n\r\f])*"?|'(?:\\[\s\S]|[^'\\\n\r\f])*'?)|(?<name>@?(?:[\w\u0080-\uffff-]|\\[0-9a-f]{1,6}\s?|\\[^\n0-9a-f])+)|(?<other>[\s\S])/gi;
const URL_ARGUMENT =
  /\(\s*(?:("(?:\\[\s\S]|[^"\\\n\r\f])*"|'(?:\\[\s\S]|[^'\\\n\r\f])*')\s*\)|((?:\\[\s\S]|[^)\\"'])*)\))/y;

/** Functions whose quoted arguments are addresses. */
const IMAGE_FUNCTIONS = new Set(["image-set", "-webkit-image-set", "image", "cross-fade", "-webkit-cross-fade"]);
/** Refers to nothing, and is valid wherever an address is. */
const NO_ADDRESS = "#";

/**
 * Takes references to other hosts out of a style sheet or a style value: `@import` rules go, and addresses in `url()`
 * and image functions become `#`. References into the same document, data URLs and relative addresses stay. Linear in
 * the length of the text.
 */
export function withoutExternalReferences(css: string): string {
  const walk: Walk = { css, out: "", parentheses: [] };
  TOKEN.lastIndex = 0;
  for (let token = TOKEN.exec(css); token !== null; token = TOKEN.exec(css)) {
    TOKEN.lastIndex = step(walk, token);
  }
  return walk.out;
}

type Walk = {
  readonly css: string;
  out: string;
  /** For each open parenthesis whether quoted arguments in it are addresses. */
  readonly parentheses: boolean[];
};

/** Copies or replaces one token; returns where the next begins. */
function step(walk: Walk, token: RegExpExecArray): number {
  const [text] = token;
  const end = token.index + text.length;
  if (token.groups?.["name"] !== undefined) return stepName(walk, text, end);
  if (token.groups?.["string"] !== undefined && walk.parentheses.at(-1) === true) {
    walk.out += isExternal(unescapeCss(text.slice(1, -1))) ? `"${NO_ADDRESS}"` : text;
    return end;
  }
  if (text === "(") walk.parentheses.push(walk.parentheses.at(-1) === true);
  if (text === ")") walk.parentheses.pop();
  walk.out += text;
  return end;
}

function stepName(walk: Walk, text: string, end: number): number {
  const name = unescapeCss(text).toLowerCase();
  if (name === "@import") return endOfRule(walk.css, end);
  if (walk.css[end] === "(") {
    if (name === "url" || name === "src") return stepUrl(walk, text, end);
    if (IMAGE_FUNCTIONS.has(name)) {
      walk.parentheses.push(true);
      walk.out += `${text}(`;
      return end + 1;
    }
  }
  walk.out += text;
  return end;
}

function stepUrl(walk: Walk, name: string, from: number): number {
  URL_ARGUMENT.lastIndex = from;
  const match = URL_ARGUMENT.exec(walk.css);
  if (match === null) return walk.css.length; // never closed: it swallows the rest
  const [whole, quoted, plain] = match;
  const address = unescapeCss(quoted === undefined ? (plain ?? "") : quoted.slice(1, -1));
  walk.out += isExternal(address) ? `${name}(${NO_ADDRESS})` : name + whole;
  return from + whole.length;
}

/** Behind the semicolon that ends an at-rule, quoted strings and parentheses passed over. */
function endOfRule(css: string, from: number): number {
  const part = /"(?:\\[\s\S]|[^"\\\n\r\f])*"?|'(?:\\[\s\S]|[^'\\\n\r\f])*'?|\((?:\\[\s\S]|[^)\\])*\)?|;|\{/g;
  part.lastIndex = from;
  for (let found = part.exec(css); found !== null; found = part.exec(css)) {
    if (found[0] === ";") return part.lastIndex;
    if (found[0] === "{") return found.index; // not an import after all: the block stays
  }
  return css.length;
}

function isExternal(address: string): boolean {
  const scheme = schemeOf(address);
  if (scheme !== null) return scheme !== "data";
  return /^\s*[\\/]\s*[\\/]/.test(address);
}

function unescapeCss(text: string): string {
  return text.replace(
    /\\(?:([0-9a-f]{1,6})\s?|(\r\n|[\s\S]))/gi,
    (_, hex: string | undefined, char: string | undefined) => {
      if (hex === undefined) return char === "\n" || char === "\r\n" ? "" : (char ?? "");
      const code = Number.parseInt(hex, 16);
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "\ufffd";
    },
  );
}
