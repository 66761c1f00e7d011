import { afterEach, beforeEach, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { candidateFolders, type EmbeddedFile, provideLibraries } from "../../src/native/library-folder.ts";

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), "library-folder-"));
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

function embedded(path: string, content: string, stored = content): EmbeddedFile {
  return { path, sha256: createHash("sha256").update(content).digest("hex"), read: () => Buffer.from(stored) };
}
const FILES = [embedded("addon/lib/a.node", "the addon"), embedded("vips/lib/v.so", "the library")];
const mode = (path: string) => statSync(path).mode & 0o777;

describe("the folder of extracted libraries", () => {
  test("holds every file under a name made from the contents", () => {
    const folder = provideLibraries(root, FILES);
    expect(readFileSync(join(folder, "addon/lib/a.node"), "utf8")).toBe("the addon");
    expect(readFileSync(join(folder, "vips/lib/v.so"), "utf8")).toBe("the library");
    expect(provideLibraries(root, FILES)).toBe(folder);
    expect(provideLibraries(root, [embedded("addon/lib/a.node", "another version")])).not.toBe(folder);
  });

  test("is private, and its files cannot be written", () => {
    const folder = provideLibraries(join(root, "new"), FILES);
    expect(mode(folder)).toBe(0o700);
    expect(mode(join(folder, "addon/lib"))).toBe(0o700);
    expect(mode(join(folder, "vips/lib/v.so"))).toBe(0o500);
  });

  test("is made anew when a file was changed, cut, or replaced by a link", () => {
    const folder = provideLibraries(root, FILES);
    const library = join(folder, "vips/lib/v.so");
    const damages = [
      () => writeFileSync(library, "something planted"),
      () => writeFileSync(library, "the libr"),
      () => rmSync(library),
      () => {
        writeFileSync(join(root, "elsewhere"), "the library");
        rmSync(library);
        symlinkSync(join(root, "elsewhere"), library);
      },
      () => {
        rmSync(folder, { recursive: true });
        writeFileSync(folder, "a file in the way");
      },
    ];
    for (const damage of damages) {
      if (existsSync(library)) chmodSync(library, 0o700);
      damage();
      expect(provideLibraries(root, FILES)).toBe(folder);
      expect(readFileSync(library, "utf8")).toBe("the library");
    }
  });

  test("is made anew when others could write into it", () => {
    const folder = provideLibraries(root, FILES);
    chmodSync(join(folder, "vips"), 0o777);
    provideLibraries(root, FILES);
    expect(mode(join(folder, "vips"))).toBe(0o700);
  });

  test("is refused where the folder above it is open to others", () => {
    mkdirSync(join(root, "open"));
    chmodSync(join(root, "open"), 0o777);
    expect(() => provideLibraries(join(root, "open"), FILES)).toThrow("writable for other users");
  });

  test("is refused where a link stands in place of the folder", () => {
    mkdirSync(join(root, "real"));
    symlinkSync(join(root, "real"), join(root, "link"));
    expect(() => provideLibraries(join(root, "link"), FILES)).toThrow("not a folder");
  });

  test("is not handed out when what was written is not what was embedded", () => {
    expect(() => provideLibraries(root, [embedded("a/b.so", "expected", "read back differently")])).toThrow(
      "does not hold",
    );
  });

  test("leaves no temporary folders behind", () => {
    provideLibraries(root, FILES);
    expect(readdirSync(root).filter((name) => name.startsWith("."))).toEqual([]);
  });

  test("comes out whole when many processes start at once", async () => {
    const program = `
      import { provideLibraries } from ${JSON.stringify(join(import.meta.dir, "../../src/native/library-folder.ts"))};
      import { createHash } from "node:crypto";
      import { readFileSync } from "node:fs";
      const content = Buffer.alloc(3_000_000, "x");
      const sha256 = createHash("sha256").update(content).digest("hex");
      const folder = provideLibraries(${JSON.stringify(root)}, [{ path: "l/big.so", sha256, read: () => content }]);
      if (!readFileSync(folder + "/l/big.so").equals(content)) process.exit(3);`;
    const starts = Array.from({ length: 6 }, () => Bun.spawn([process.execPath, "-e", program], { stderr: "inherit" }));
    expect(await Promise.all(starts.map((start) => start.exited))).toEqual([0, 0, 0, 0, 0, 0]);
    expect(readdirSync(root)).toHaveLength(1);
  });
});

describe("the folders that are tried", () => {
  const temporary = join(tmpdir(), `imgproxy-${process.getuid?.()}`);

  test("are the operator's alone when one is named", () => {
    expect(candidateFolders({ IMGPROXY_LIBRARY_FOLDER: "/var/lib/x", CACHE_DIRECTORY: "/var/cache/imgproxy" })).toEqual(
      ["/var/lib/x"],
    );
  });

  test("are systemd's cache, the user's cache and the temp folder, in this order", () => {
    expect(candidateFolders({ CACHE_DIRECTORY: "/var/cache/imgproxy:/var/cache/more", HOME: "/home/ann" })).toEqual([
      "/var/cache/imgproxy/lib",
      "/home/ann/.cache/imgproxy/lib",
      temporary,
    ]);
    expect(candidateFolders({ XDG_CACHE_HOME: "/fast", HOME: "/home/ann" })).toEqual(["/fast/imgproxy/lib", temporary]);
  });

  test("do not include relative paths", () => {
    expect(candidateFolders({ XDG_CACHE_HOME: "cache", HOME: "relative" })).toEqual([temporary]);
  });
});
