/**
 * The section of a version in a changelog of the form of Keep a Changelog, without its heading. Throws when the changelog has
 * none, or nothing in it.
 */
export function releaseNotes(changelog: string, version: string): string {
  const sections = changelog.split(/^## /m).slice(1);
  const section = sections.find((text) => headingOf(text) === version);
  if (section === undefined) throw new Error(`CHANGELOG.md has no section "## ${version}"`);
  const notes = section.slice(section.indexOf("\n") + 1).trim();
  if (notes === "") throw new Error(`the section "## ${version}" of CHANGELOG.md is empty`);
  return `${notes}\n`;
}

/** `[1.2.3] - 2026-11-25` and `1.2.3 - 2026-11-25` are both the version alone. */
function headingOf(section: string): string {
  const [line = ""] = section.split("\n", 1);
  return line
    .replace(/ - .*$/, "")
    .replace(/^\[(.*)\]$/, "$1")
    .trim();
}
