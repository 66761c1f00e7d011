import { compileWildcard, matchPrefix, type Wildcard } from "./wildcard.ts";

/** A rule of IMGPROXY_URL_REPLACEMENTS. */
export type UrlReplacement = { readonly pattern: Wildcard; readonly template: readonly TemplatePart[] };

type TemplatePart =
  | { readonly text: string }
  | {
      /** 1 = the first, 0 = all that the pattern took; one that there is not stands for nothing. */ readonly star: number;
    };

const UNKNOWN = Number.NaN;
const REFERENCE = /\$(?:\$|\{(\w+)\}|(\w+))/g;

/** Compiles a rule. In the replacement `$1` and `${1}` stand for what the first star took, `$$` for a dollar. */
export function compileReplacement(pattern: string, replacement: string): UrlReplacement {
  const template: TemplatePart[] = [];
  let start = 0;
  for (const match of replacement.matchAll(REFERENCE)) {
    const [whole, braced, bare] = match;
    const name = braced ?? bare;
    template.push({ text: replacement.slice(start, match.index) });
    // `$1x` is a reference named 1x, of which there is none, as in the reference.
    template.push(name === undefined ? { text: "$" } : { star: /^\d+$/.test(name) ? Number(name) : UNKNOWN });
    start = match.index + whole.length;
  }
  template.push({ text: replacement.slice(start) });
  return { pattern: compileWildcard(pattern), template };
}

/** The URL with its beginning replaced, where the rule's pattern fits it. */
export function replacePrefix(url: string, { pattern, template }: UrlReplacement): string {
  const match = matchPrefix(pattern, url);
  if (match === undefined) return url;
  const texts = template.map((part) =>
    "text" in part ? part.text : starText(part.star, match.stars, url, match.length),
  );
  return texts.join("") + url.slice(match.length);
}

function starText(star: number, stars: readonly string[], url: string, length: number): string {
  return star === 0 ? url.slice(0, length) : (stars[star - 1] ?? "");
}
