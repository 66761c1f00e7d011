import { readFileSync } from "node:fs";
import { join } from "node:path";
import spdxLicenses from "spdx-license-list/full.js";
import type { BundledPackage } from "./bundled-packages.ts";

export type LicenseTextParts = {
  readonly packages: readonly BundledPackage[];
  /** Version and target of the executable, for the first line. */
  readonly title: string;
  /** The root of this project. */
  readonly root: string;
};

/** Bun's own page about its licence, in its documentation, which its types bring. */
const RUNTIME_PAGE = "node_modules/bun-types/docs/project/license.mdx";
const SAMPLES_PAGE = "src/cli/demo/samples/README.md";

/** Licences of the runtime that its page names and that ask for their text. */
const RUNTIME_LICENSES = [
  "MIT",
  "LGPL-2.0-only",
  "LGPL-2.1-only",
  "Apache-2.0",
  "BSD-2-Clause",
  "BSD-3-Clause",
  "Zlib",
];

/** LGPL 3 is written as additions to GPL 3. */
const BUILDS_ON: Readonly<Record<string, string>> = { "LGPL-3.0-or-later": "GPL-3.0-or-later" };

/** What `imgproxy version --licenses` prints: everything that is not ours in an executable, and under which terms. */
export function renderLicenseText({ packages, title, root }: LicenseTextParts): string {
  const runtime = readFileSync(join(root, RUNTIME_PAGE), "utf8").replace(/^---\n[\s\S]*?\n---\n/, "");
  const samples = readFileSync(join(root, SAMPLES_PAGE), "utf8").replace(/^# .*\n/, "");
  const chapters = [
    `Software in ${title}, and its licences

imgproxy on Bun is licensed under Apache-2.0. Its executable carries what follows. Whoever wants to change a part
of it that is licensed under the LGPL can build the executable with the changed part from its sources: \`bun run build\`.`,
    chapter("Packages", packages.map(packageLine).join("\n")),
    chapter("Inside files that packages bring ready-made", packages.flatMap(carriedLines).join("\n")),
    chapter("About libvips, from its package", libvipsNotice(packages)),
    chapter("The runtime, from its documentation", runtime.trim()),
    chapter("Sample photographs", samples.trim()),
    ...packageTexts(packages).map(([names, text]) => chapter(`Licence of ${names.join(", ")}`, text)),
    ...standardLicenses(packages).map((id) => chapter(`Text of ${id}`, standardText(id))),
  ];
  return `${chapters.join("\n\n\n")}\n`;
}

function chapter(title: string, text: string): string {
  return `${"=".repeat(100)}\n${title}\n${"=".repeat(100)}\n\n${text}`;
}

function packageLine({ name, version, license }: BundledPackage): string {
  return `${name} ${version}: ${license}`;
}

function carriedLines({ name: carrier, carries }: BundledPackage): string[] {
  return carries.map(
    ({ name, version, license }) => `${[name, version].filter(Boolean).join(" ")}, in ${carrier}: ${license}`,
  );
}

/** The package's own words and links; its README holds them in place of a licence file. */
function libvipsNotice(packages: readonly BundledPackage[]): string {
  const libvips = packages.find(({ name }) => name.startsWith("@img/sharp-libvips-"));
  const readme = libvips === undefined ? "" : readFileSync(join(libvips.folder, "README.md"), "utf8");
  const notice = /## Licensing\n([\s\S]*)$/.exec(readme)?.[1]?.trim();
  if (notice === undefined) throw new Error("the licences of libvips are no longer in the README of its package");
  return notice;
}

/** Every text once, with all the packages that have it word for word. */
function packageTexts(packages: readonly BundledPackage[]): [string[], string][] {
  const byText = new Map<string, string[]>();
  for (const { name, texts } of packages) {
    for (const text of texts) byText.set(text, [...(byText.get(text) ?? []), name]);
  }
  return [...byText].map(([text, names]) => [names, text]);
}

/** Identifiers of what is named above without a text of its own. */
function standardLicenses(packages: readonly BundledPackage[]): string[] {
  const expressions = [
    ...packages.filter(({ texts }) => texts.length === 0).map(({ license }) => license),
    ...packages.flatMap(({ carries }) => carries.map(({ license }) => license)),
  ];
  const named = new Set(RUNTIME_LICENSES);
  for (const expression of expressions) {
    // A licence with a name instead of an identifier is linked in the notice above.
    const isName = /\bLicense$/.test(expression);
    for (const id of isName ? [] : expression.split(/ (?:AND|OR) /)) named.add(id);
  }
  for (const [id, base] of Object.entries(BUILDS_ON)) if (named.has(id)) named.add(base);
  return [...named].toSorted();
}

function standardText(id: string): string {
  const text = spdxLicenses[id]?.licenseText;
  if (text === undefined) throw new Error(`there is no licence with the identifier ${id}`);
  return text.replaceAll("\r\n", "\n").trim();
}
