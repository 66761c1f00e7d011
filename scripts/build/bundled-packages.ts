import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type CarriedSoftware, carriedSoftware } from "./carried-software.ts";

/** A package of which something has gone into the executable. */
export type BundledPackage = {
  readonly name: string;
  readonly version: string;
  readonly folder: string;
  /** What its package.json declares. */
  readonly license: string;
  /** Its licence and notice files, texts without blanks around them. */
  readonly texts: readonly string[];
  readonly carries: readonly CarriedSoftware[];
};

const LEGAL_FILE = /^(licen[cs]e|copying|copyright|notice)([.-].*)?$/i;
/** Packages put legal words into their modules, too, which are no notices. */
const CODE_FILE = /\.([cm]?[jt]sx?|json)$/i;

/** The packages that these files belong to, by name. Throws for a package that declares no licence. */
export function bundledPackages(files: Iterable<string>): readonly BundledPackage[] {
  const folders = new Set<string>();
  for (const file of files) {
    const folder = /^.*[\\/]node_modules[\\/](?:@[^\\/]+[\\/])?[^\\/]+(?=[\\/])/.exec(file)?.[0];
    if (folder !== undefined) folders.add(folder);
  }
  return [...folders].map(readPackage).toSorted((one, other) => one.name.localeCompare(other.name, "en"));
}

type Manifest = { readonly name?: string; readonly version?: string; readonly license?: string };

function readPackage(folder: string): BundledPackage {
  const { name, version, license }: Manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8"));
  if (name === undefined || version === undefined || license === undefined)
    throw new Error(`${folder}/package.json lacks its name, version or licence`);
  const texts = readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isFile() && LEGAL_FILE.test(entry.name) && !CODE_FILE.test(entry.name))
    .map((entry) => entry.name)
    // Folders are read in an order that depends on the file system.
    .toSorted()
    .map((file) => readFileSync(join(folder, file), "utf8").replaceAll("\r\n", "\n").trim());
  return { name, version, folder, license, texts, carries: carriedSoftware(name, folder) };
}
