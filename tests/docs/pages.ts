import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type Markdown, parseMarkdown } from "./markdown.ts";

export const ROOT = join(import.meta.dir, "../..");

/** A page of the documentation; `path` is from the root of the repository. */
export type Page = Markdown & { readonly path: string; readonly text: string };

const FOLDERS = ["docs", "examples", "packaging", "bench", "src"];

export function readPage(path: string): Page {
  const text = readFileSync(join(ROOT, path), "utf8");
  return { path, text, ...parseMarkdown(text) };
}

/** Every page in the repository. */
export function allPages(): readonly Page[] {
  const top = readdirSync(ROOT).filter((name) => name.endsWith(".md"));
  const below = FOLDERS.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".md") && !name.includes("node_modules"))
      .map((name) => join(folder, name)),
  );
  return [...top, ...below].sort().map(readPage);
}
