import { afterAll, describe, expect, test } from "bun:test";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import packageJson from "../../package.json" with { type: "json" };
import { buildExecutable, licensesFileOf } from "../../scripts/build/executable.ts";
import { hostTarget, TARGETS } from "../../scripts/build/targets.ts";
import { completeBom } from "../../scripts/package/bom.ts";
import { writeChecksums } from "../../scripts/package/checksums.ts";
import { PACKAGED_TARGETS } from "../../scripts/package/make-package.ts";
import { releaseNotes } from "../../scripts/package/release-notes.ts";

const root = join(import.meta.dir, "../..");
// Below the root, as a release is: what lies elsewhere would be a component of its own.
const folder = mkdtempSync(join(root, "dist/release-test-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("release notes", () => {
  const changelog = `# Changelog

## Unreleased

## [2.0.0] - 2026-12-01

### Changed

- Everything; see \`## this\`.

## 1.10.0 - 2026-11-01

- Much.
`;
  test.each([
    ["2.0.0", "### Changed\n\n- Everything; see `## this`.\n"],
    ["1.10.0", "- Much.\n"],
  ])("of %s are its section of the changelog", (version, notes) => {
    expect(releaseNotes(changelog, version)).toBe(notes);
  });

  test.each([
    ["1.1", 'has no section "## 1.1"'],
    ["Unreleased", 'the section "## Unreleased" of CHANGELOG.md is empty'],
  ])("of %s cannot be had", (version, message) => {
    expect(() => releaseNotes(changelog, version)).toThrow(message);
  });

  test("are at hand in this project's changelog, released or not", () => {
    const text = readFileSync(join(root, "CHANGELOG.md"), "utf8");
    const isReleased = new RegExp(`^## \\[?${packageJson.version.replaceAll(".", "\\.")}\\b`, "m").test(text);
    expect(releaseNotes(text, isReleased ? packageJson.version : "Unreleased")).not.toBe("");
  });
});

test("checksums are what sha256sum checks", () => {
  const files = ["one", "two"].map((name) => join(folder, name));
  for (const file of files) writeFileSync(file, file);
  writeChecksums(files);
  const check = () => Bun.spawnSync(["sha256sum", "--check", "SHA256SUMS"], { cwd: folder });
  expect(check().stdout.toString()).toBe("one: OK\ntwo: OK\n");
  writeFileSync(files[1] ?? "", "changed");
  expect(check().exitCode).toBe(1);
});

test("the image takes the executables of a release and starts nothing as root", () => {
  const dockerfile = readFileSync(join(root, "packaging/Dockerfile"), "utf8");
  const copied = [...dockerfile.matchAll(/^COPY .*?(imgproxy-\S+) /gm)].map((match) => match[1]);
  expect(copied).toEqual(PACKAGED_TARGETS.map((target) => `imgproxy-${target}`));
  expect(dockerfile).toMatch(/^USER [1-9]\d*:[1-9]\d*$/m);
});

test("workflows run commands that are there", () => {
  const workflows = ["ci.yml", "release.yml"].map((name) =>
    readFileSync(join(root, ".github/workflows", name), "utf8"),
  );
  const commands = workflows.flatMap((text) =>
    [...text.matchAll(/run: (?:bash )?((?:\.ci|scripts)\/\S+)/g)].map((match) => match[1]),
  );
  expect(commands.length).toBeGreaterThan(2);
  expect(commands.filter((path) => !existsSync(join(root, path ?? "")))).toEqual([]);
});

type Component = {
  readonly name: string;
  readonly group?: string;
  readonly version?: string;
  readonly licenses?: readonly unknown[];
  readonly components?: readonly Component[];
};

describe("what an executable consists of", () => {
  const target = hostTarget() ?? TARGETS[0];
  const outfile = join(folder, "imgproxy");
  const bomFile = join(folder, "imgproxy.cdx.json");

  test("is told as CycloneDX, down to the libraries inside libvips and the runtime", async () => {
    if (target === undefined) throw new Error("there are no targets");
    const packages = await buildExecutable({ root, target, outfile, bomFile });
    await completeBom(bomFile, packages);
    const bom: { readonly specVersion: string; readonly components: readonly Component[] } = JSON.parse(
      readFileSync(bomFile, "utf8"),
    );
    const nameOf = ({ group, name }: Component) => (group === undefined ? name : `${group}/${name}`);
    const find = (name: string) => bom.components.find((component) => nameOf(component) === name);
    expect(bom.specVersion).toBe("1.6");
    expect(find("sharp")?.version).toMatch(/^\d+\.\d+\.\d+$/);
    expect(find("bun")?.version).toBe(Bun.version);
    expect(find("typescript")).toBeUndefined();
    const libvips = find(`@img/sharp-libvips-${target.sharp}`);
    expect(libvips?.components?.find(({ name }) => name === "vips")).toMatchObject({
      version: expect.stringMatching(/^8\./),
      licenses: [{ license: { id: "LGPL-3.0-or-later" } }],
    });
    const parts = bom.components.flatMap((component) => [component, ...(component.components ?? [])]);
    expect(parts.filter(({ licenses = [] }) => licenses.length === 0).map(nameOf)).toEqual([]);
    // The same packages as the licences name, both from what has gone into the bundle; of detect-libc only the name has:
    // the build puts a module of ours in its place.
    const licensed = [...readFileSync(licensesFileOf(outfile), "utf8").matchAll(/^(@?[\w./-]+) [\d.]+: /gm)];
    const names = bom.components.filter(({ name }) => name !== "bun").map(nameOf);
    expect(names.filter((name) => !licensed.some((match) => match[1] === name))).toEqual(["detect-libc"]);
  }, 60_000);

  test("is refused where it is no CycloneDX", async () => {
    writeFileSync(
      bomFile,
      JSON.stringify({ bomFormat: "CycloneDX", specVersion: "1.6", version: "one", components: [] }),
    );
    await expect(completeBom(bomFile, [])).rejects.toThrow("is no valid CycloneDX");
  });
});
