import { randomBytes } from "node:crypto";
import { gzipSync } from "node:zlib";
import type { Answer, HeaderList } from "../answer.ts";
import { html } from "../page.ts";
import { PRIVATE_HEADERS } from "./json-answer.ts";
import { PAGE, PAGE_FILES } from "./page-files.ts";

/**
 * Makes the page's answer. Its scripts and its style carry a nonce of this one answer (modules that they import inherit
 * it), so that nothing else on this origin, such as a raw answer, could ever run in the page.
 */
export function compilePage(pathPrefix: string): () => Answer {
  const page = PAGE.replaceAll("{{base}}", html`${pathPrefix}/playground`.markup);
  return () => {
    const nonce = randomBytes(16).toString("base64");
    return {
      status: 200,
      headers: [
        ["Content-Type", "text/html; charset=utf-8"],
        ["Content-Security-Policy", contentSecurityPolicy(nonce)],
        ...PRIVATE_HEADERS,
      ],
      body: page.replaceAll("{{nonce}}", nonce),
    };
  };
}

function contentSecurityPolicy(nonce: string): string {
  return [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src 'nonce-${nonce}'`,
    "img-src 'self' blob: data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/** Answers with one of the page's own files, or with undefined where there is none of that name. */
export type PageFileAnswerer = (name: string, headers: Headers) => Answer | undefined;

/** Packs the page's files once: a third of their size goes over the wire. */
export function compilePageFiles(): PageFileAnswerer {
  const packed = new Map([...PAGE_FILES].map(([name, { text }]) => [name, gzipSync(text)]));
  return (name, headers) => {
    const file = PAGE_FILES.get(name);
    if (file === undefined) return undefined;
    const body = /\bgzip\b/.test(headers.get("accept-encoding") ?? "") ? packed.get(name) : undefined;
    const encoding: HeaderList = body === undefined ? [] : [["Content-Encoding", "gzip"]];
    const type: HeaderList = [["Content-Type", `${file.type}; charset=utf-8`]];
    return { status: 200, headers: [...type, ...encoding, ...PRIVATE_HEADERS], body: body ?? file.text };
  };
}
