import { randomBytes } from "node:crypto";
import type { Answer } from "../answer.ts";
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

/** One of the page's own files, or undefined. */
export function answerPageFile(name: string): Answer | undefined {
  const file = PAGE_FILES.get(name);
  if (file === undefined) return undefined;
  return {
    status: 200,
    headers: [["Content-Type", `${file.type}; charset=utf-8`], ...PRIVATE_HEADERS],
    body: file.text,
  };
}
