/** The look of our few pages: plain, dark where the reader likes it dark, and without anything a strict CSP forbids. */
const STYLE = `
:root{color-scheme:light dark;--line:#8884;--soft:#8882;--bad:#c62828;--good:#2e7d32}
@media (prefers-color-scheme:dark){:root{--bad:#ff8a80;--good:#81c784}}
body{font:16px/1.55 system-ui,sans-serif;max-width:56rem;margin:3rem auto;padding:0 1.25rem}
h1{font-size:1.6rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.05rem;margin:2rem 0 .5rem}
code,pre{font:.875rem/1.5 ui-monospace,monospace;background:var(--soft);border-radius:.3rem}
code{padding:.1rem .3rem;overflow-wrap:anywhere}pre{padding:.8rem 1rem;overflow-x:auto}
table{border-collapse:collapse;width:100%}td,th{text-align:left;vertical-align:top;padding:.35rem .8rem .35rem 0;border-bottom:1px solid var(--line)}
th{font-weight:600;width:11rem}mark{background:none;color:var(--bad);text-decoration:underline wavy;text-underline-offset:.25em}
.status{color:var(--bad);font-weight:600}.fine{color:var(--good);font-weight:600}footer{margin-top:3rem;opacity:.65;font-size:.875rem}
`;

/** Markup that may stand in a page as it is. Only `html` makes it, so text never gets in unescaped. */
export type Html = { readonly markup: string };

const ESCAPES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** A template whose values are escaped, unless they are markup or lists of markup themselves. */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[])[]
): Html {
  const parts = strings.map((text, index) => text + (index < values.length ? markupOf(values[index] ?? "") : ""));
  return { markup: parts.join("") };
}

function markupOf(value: string | number | Html | readonly Html[]): string {
  if (typeof value === "string" || typeof value === "number") {
    return String(value).replace(/[&<>"']/g, (char) => ESCAPES[char] ?? char);
  }
  return "markup" in value ? value.markup : value.map(({ markup }) => markup).join("");
}

/** A whole document. */
export function renderPage(title: string, body: Html): string {
  const head = html`<meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1"><title>${title}</title>`;
  return `<!doctype html>\n<html lang="en"><head>${head.markup}<style>${STYLE}</style></head><body>${body.markup}</body></html>\n`;
}
