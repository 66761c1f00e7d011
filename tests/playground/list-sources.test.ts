import { afterAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { listLocalSources } from "../../src/http/playground/list-sources.ts";

const folder = mkdtempSync(join(tmpdir(), "playground-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function tree(name: string, files: readonly string[]): string {
  const root = join(folder, name);
  for (const file of files) {
    mkdirSync(dirname(join(root, file)), { recursive: true });
    writeFileSync(join(root, file), "");
  }
  return root;
}

const { signal } = new AbortController();
const LIMITS = { maxNames: 200, maxEntries: 2000, maxDepth: 3 };

function list(root: string, change: Partial<typeof LIMITS> & { readonly baseUrl?: string } = {}) {
  const { baseUrl = "", ...limits } = change;
  const config = { localFilesystemRoot: root, sourceUrlQuerySeparator: "?", baseUrl };
  return listLocalSources(config, signal, { ...LIMITS, ...limits });
}

describe("the list of local files", () => {
  test("has images by name, those of the root first, and nothing hidden", async () => {
    const root = tree("plain", [
      "b.JPG",
      "a.png",
      "notes.txt",
      ".hidden.png",
      ".git/x.png",
      "sub/c d.webp",
      "what?.png",
    ]);
    expect(await list(root)).toEqual(["local:///a.png", "local:///b.JPG", "local:///sub/c d.webp"]);
  });

  test("does not follow links, wherever they lead", async () => {
    const outside = tree("outside", ["secret.png"]);
    const root = tree("links", ["own.png"]);
    symlinkSync(outside, join(root, "folder"));
    symlinkSync(join(outside, "secret.png"), join(root, "link.png"));
    symlinkSync(root, join(root, "loop"));
    expect(await list(root)).toEqual(["local:///own.png"]);
  });

  test("ends at its bounds", async () => {
    const root = tree("many", [
      ...Array.from({ length: 30 }, (_, index) => `${String(index).padStart(2, "0")}.png`),
      "1/2/3/4/deep.png",
    ]);
    expect(await list(root, { maxNames: 5 })).toHaveLength(5);
    expect((await list(root, { maxEntries: 10 })).length).toBeLessThanOrEqual(10);
    expect(await list(root, { maxDepth: 3 })).not.toContain("local:///1/2/3/4/deep.png");
    expect(await list(root, { maxDepth: 4 })).toContain("local:///1/2/3/4/deep.png");
  });

  test("is empty without a root, with a base URL, and where nothing can be read", async () => {
    expect(await list("")).toEqual([]);
    expect(await list(tree("based", ["a.png"]), { baseUrl: "s3://bucket/" })).toEqual([]);
    expect(await list(join(folder, "missing"))).toEqual([]);
  });
});
