import type { EnvironmentFile } from "./environment.ts";

/** Where values came from that were not in the environment itself. */
export type Origins = {
  readonly file: EnvironmentFile | null;
  /** Stores of secrets, by variable; what the file says wins. */
  readonly stores?: ReadonlyMap<string, string> | undefined;
  /** Paths of the files that hold one value each, by variable. */
  readonly credentials?: ReadonlyMap<string, string> | undefined;
};

/** Where a variable got its text: `environment`, `file PATH`, `credential PATH` or the name of a store. */
export function originOf(name: string, { file, stores, credentials }: Origins): string {
  const credential = credentials?.get(name);
  if (credential !== undefined) return `credential ${credential}`;
  return file?.lines.has(name) ? `file ${file.path}` : (stores?.get(name) ?? "environment");
}

/** Where to mend a variable's text: the file, with the line where it has more than one, or the store; undefined for the environment. */
export function placeOf(name: string, { file, stores, credentials }: Origins): string | undefined {
  const credential = credentials?.get(name);
  if (credential !== undefined) return credential;
  const line = file?.lines.get(name);
  return line === undefined ? stores?.get(name) : `${file?.path}, line ${line}`;
}
