import { readFileSync, writeFileSync } from "node:fs";
import { Spec, Validation } from "@cyclonedx/cyclonedx-library";
import type { BundledPackage } from "../build/bundled-packages.ts";
import type { CarriedSoftware } from "../build/carried-software.ts";

/** The part of CycloneDX's JSON that is read or added here. Source: the specification, version 1.6. */
type Component = {
  readonly type: string;
  readonly group?: string;
  readonly name: string;
  readonly version?: string;
  readonly "bom-ref"?: string;
  readonly purl?: string;
  readonly licenses?: readonly License[];
  readonly components?: readonly Component[];
};
type License =
  | { readonly license: { readonly id: string } | { readonly name: string } }
  | { readonly expression: string };
type Bom = { readonly components: readonly Component[] };

/**
 * Adds to what the bundler knows of an executable what it cannot know: the runtime, and what is inside the ready-made files of
 * packages. Throws when the result is not what the schema of CycloneDX asks for.
 */
export async function completeBom(file: string, packages: readonly BundledPackage[]): Promise<void> {
  const bom: Bom = JSON.parse(readFileSync(file, "utf8"));
  const carried = new Map(packages.map(({ name, carries }) => [name, carries]));
  const components = bom.components.map((component) => {
    const parts = carried.get([component.group, component.name].filter(Boolean).join("/")) ?? [];
    if (parts.length === 0) return component;
    return {
      ...component,
      components: parts.map((part) => partComponent(part, component["bom-ref"] ?? component.name)),
    };
  });
  const text = JSON.stringify({ ...bom, components: [...components, runtimeComponent()] }, null, 2);
  const fault = await new Validation.JsonStrictValidator(Spec.Version.v1dot6).validate(text);
  if (fault !== null) throw new Error(`${file} is no valid CycloneDX: ${JSON.stringify(fault)}`);
  writeFileSync(file, `${text}\n`);
}

function partComponent({ name, version, license }: CarriedSoftware, carrier: string): Component {
  return {
    type: "library",
    name,
    ...(version === undefined ? {} : { version }),
    "bom-ref": `${carrier}|${name}`,
    licenses: [licenseOf(license)],
  };
}

function licenseOf(license: string): License {
  if (/ (AND|OR) /.test(license)) return { expression: license };
  // A name in place of an identifier is written with a blank.
  return { license: license.includes(" ") ? { name: license } : { id: license } };
}

function runtimeComponent(): Component {
  return {
    type: "platform",
    name: "bun",
    version: Bun.version,
    "bom-ref": `bun@${Bun.version}`,
    purl: `pkg:github/oven-sh/bun@bun-v${Bun.version}`,
    licenses: [licenseOf("MIT")],
    components: [partComponent({ name: "JavaScriptCore", license: "LGPL-2.0-only" }, `bun@${Bun.version}`)],
  };
}
