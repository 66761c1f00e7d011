import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/** Writes SHA256SUMS beside the files, as `sha256sum --check` reads it. */
export function writeChecksums(files: readonly string[]): void {
  const [first] = files;
  if (first === undefined) return;
  const lines = files.map(
    (file) => `${createHash("sha256").update(readFileSync(file)).digest("hex")}  ${basename(file)}\n`,
  );
  writeFileSync(join(dirname(first), "SHA256SUMS"), lines.join(""));
}
