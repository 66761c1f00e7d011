import { join } from "node:path";
import type { Setup, UrlReading } from "../../src/http/playground/api.ts";

/** The page's scripts that need no page, for tests: the compiler does not look into scripts, so their types stand here. */
export type SegmentsModule = {
  createSegments(setup: Setup): {
    write(options: ReadonlyMap<string, readonly string[]>): readonly { readonly name: string; readonly text: string }[];
    read(reading: Pick<UrlReading, "options" | "extension">): Map<string, readonly string[]>;
  };
};

export type SnippetFacts = {
  readonly origin: string;
  readonly prefix: string;
  readonly target: string;
  readonly path: string;
  readonly isSigned: boolean;
  readonly signatureSize: number;
  readonly options: readonly string[];
  readonly width: number;
  readonly height: number;
  readonly urlOf: (variation: { readonly format?: string; readonly dpr?: number }) => Promise<string>;
};

export type SnippetsModule = {
  readonly SNIPPETS: readonly {
    readonly name: string;
    readonly write: (facts: SnippetFacts) => string | Promise<string>;
  }[];
};

/** Where the page's files lie. */
const PAGE_FOLDER = join(import.meta.dir, "../../src/http/playground/page");

export async function loadSegments(): Promise<SegmentsModule> {
  return import(join(PAGE_FOLDER, "segments.js"));
}

export async function loadSnippets(): Promise<SnippetsModule> {
  return import(join(PAGE_FOLDER, "snippets.js"));
}
