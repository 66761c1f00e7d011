import { STATUS_CODES } from "node:http";
import { type AppError, ERROR_KINDS } from "../errors.ts";
import { type Html, html, renderPage } from "./page.ts";

export type ErrorPageFacts = {
  readonly error: AppError;
  readonly target: string;
  readonly requestId: string;
  readonly version: string;
};

/** Longer parts of a target are cut in the middle: a base64 source may be a megabyte. */
const LONGEST_PART = 300;
const MOST_PARTS = 60;

/** The development page of an error: what happened, what to do, and how the server read the URL. */
export function renderErrorPage({ error, target, requestId, version }: ErrorPageFacts): string {
  const { status, kind, message, hint } = error;
  return renderPage(
    `${status} ${STATUS_CODES[status] ?? ""}`,
    html`<p class="status">${status} ${STATUS_CODES[status] ?? "Error"}</p>
<h1>${message}</h1>
<p>${ERROR_KINDS[kind].doc}</p>
${hint === undefined ? html`` : html`<p><strong>What to do:</strong> ${hint}</p>`}
<h2>The request</h2>
<table>
${urlRows(target, message)}
<tr><th>Error kind</th><td><code>${kind}</code> (docs/errors.md)</td></tr>
<tr><th>Clients would read</th><td>${error.publicMessage}</td></tr>
<tr><th>Request id</th><td><code>${requestId}</code></td></tr>
</table>
<h2>Where it happened</h2>
${causes(error)}
<footer>imgproxy ${version}. This page is shown because IMGPROXY_DEVELOPMENT_ERRORS_MODE is on; turn it off in production.</footer>`,
  );
}

/** The target cut at its slashes, as the server reads it; a part that the message names is marked. */
function urlRows(target: string, message: string): readonly Html[] {
  const [path = "", query] = target.split("?", 2);
  const parts = path.split("/").slice(1, 1 + MOST_PARTS);
  const plain = parts.indexOf("plain");
  const options = plain < 0 ? parts.slice(1) : parts.slice(1, plain);
  const source = plain < 0 ? [] : parts.slice(plain + 1);
  const named = (part: string) => part !== "" && isNamed(part, message);
  return [
    row("Signature", parts[0] ?? "", false),
    ...options.map((part) => row(plain < 0 && !part.includes(":") ? "Source, encoded" : "Option", part, named(part))),
    ...(plain < 0 ? [] : [row("Source", source.join("/"), false)]),
    ...(query === undefined ? [] : [row("Query, ignored", query, false)]),
  ];
}

function row(name: string, value: string, isWrong: boolean): Html {
  const short = value.length > LONGEST_PART ? `${value.slice(0, LONGEST_PART - 40)} … ${value.slice(-37)}` : value;
  return html`<tr><th>${name}</th><td><code>${isWrong ? html`<mark>${short}</mark>` : short}</code></td></tr>
`;
}

/** Messages quote the option, or name it and its argument. */
function isNamed(part: string, message: string): boolean {
  const [name = "", ...args] = part.split(":");
  if (message.includes(part)) return true;
  return name.length > 1 && message.includes(`"${name}"`) && args.every((arg) => arg === "" || message.includes(arg));
}

function causes(error: AppError): readonly Html[] {
  const chain: Html[] = [];
  for (let at: unknown = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    chain.push(html`<pre>${at.stack ?? at.message}</pre>`);
  }
  return chain;
}
