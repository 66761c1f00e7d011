import { describe, expect, test } from "bun:test";
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";

const root = join(import.meta.dir, "..");
const src = join(root, "src");

/** Which rooms a room may import from; every room may import from itself. The table of docs/ARCHITECTURE.md. */
const ALLOWED: Readonly<Record<string, readonly string[]>> = {
  "main.ts": ["cli", "native", "image/wasm"],
  "errors.ts": [],
  "formats.ts": [],
  "bounded-map.ts": [],
  text: [],
  native: ["errors.ts", "config/available-cpus.ts"],
  config: ["errors.ts", "formats.ts", "text"],
  telemetry: ["errors.ts", "config"],
  url: ["errors.ts", "text", "source/types.ts"],
  options: ["errors.ts", "formats.ts", "bounded-map.ts", "text"],
  source: ["errors.ts", "bounded-map.ts", "config", "telemetry", "url"],
  image: ["errors.ts", "formats.ts"],
  pipeline: [
    "errors.ts",
    "formats.ts",
    "bounded-map.ts",
    "config",
    "options/types.ts",
    "options/default-options.ts",
    "image",
  ],
  cache: ["errors.ts", "formats.ts", "config", "telemetry"],
  client: ["url", "options", "formats.ts", "errors.ts"],
  http: [
    "errors.ts",
    "formats.ts",
    "bounded-map.ts",
    "text",
    "config",
    "telemetry",
    "url",
    "options",
    "source",
    "image",
    "pipeline",
    "cache",
  ],
  cli: [
    "errors.ts",
    "formats.ts",
    "text",
    "config",
    "telemetry",
    "url",
    "options",
    "source",
    "image",
    "pipeline",
    "cache",
    "http",
    "client",
    "native",
  ],
};

type Import = { readonly from: string; readonly to: string };

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => join(folder, name));
}

/** Relative imports, static and dynamic, of a file, as paths below src/. */
function importsOf(file: string): Import[] {
  const text = readFileSync(file, "utf8");
  const matches = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g);
  return [...matches].map((match) => ({
    from: relative(src, file),
    to: relative(src, join(dirname(file), match[1] ?? "")),
  }));
}

const roomOf = (path: string) => path.split("/")[0] ?? path;

function isAllowed({ from, to }: Import): boolean {
  const room = roomOf(from);
  return roomOf(to) === room || (ALLOWED[room] ?? []).some((allowed) => to === allowed || to.startsWith(`${allowed}/`));
}

describe("the rooms of the code", () => {
  const files = filesBelow(src);

  test("are all known", () => {
    const rooms = [...new Set(files.map((file) => roomOf(relative(src, file))))];
    expect(rooms.filter((room) => !(room in ALLOWED))).toEqual([]);
  });

  test("import only what the architecture allows", () => {
    const imports = files.flatMap(importsOf);
    expect(imports.length).toBeGreaterThan(20);
    expect(imports.filter((one) => !isAllowed(one)).map(({ from, to }) => `${from} → ${to}`)).toEqual([]);
  });

  test("name Bun's own interfaces only at the edge", () => {
    const edge = /^native\//;
    const naming = files.filter((file) => {
      const code = readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "");
      return /\bBun\.\w|from "bun(:|")/.test(code);
    });
    expect(naming.map((file) => relative(src, file)).filter((path) => !edge.test(path))).toEqual([]);
  });

  test("read the environment only in config/, and before it exists in native/", () => {
    const reading = files.filter((file) =>
      /process\.env\b/.test(readFileSync(file, "utf8").replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, "")),
    );
    expect(
      reading.map((file) => roomOf(relative(src, file))).filter((room) => room !== "config" && room !== "native"),
    ).toEqual([]);
  });
});
