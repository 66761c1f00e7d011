import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { homedir, tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { type RunningServer, startServer } from "../support/executable.ts";
import { ROOT, readPage } from "./pages.ts";

const FOLDER = join(ROOT, "examples/signing");
const CACHE = join(process.env["XDG_CACHE_HOME"] || join(homedir(), ".cache"), "imgproxy-bun");

type Example = {
  readonly name: string;
  /** What must be on the PATH. */
  readonly tool: string;
  readonly file: string;
  readonly command: readonly string[];
  /** Gets what it needs from a registry; where that fails the example cannot be run. */
  readonly prepare?: readonly string[];
};

const EXAMPLES: readonly Example[] = [
  { name: "TypeScript", tool: "bun", file: "typescript/sign.ts", command: [process.execPath, "typescript/sign.ts"] },
  { name: "Go", tool: "go", file: "go/sign.go", command: ["go", "run", "go/sign.go"] },
  { name: "Python", tool: "python3", file: "python/sign.py", command: ["python3", "python/sign.py"] },
  { name: "Ruby", tool: "ruby", file: "ruby/sign.rb", command: ["ruby", "ruby/sign.rb"] },
  { name: "PHP", tool: "php", file: "php/sign.php", command: ["php", "php/sign.php"] },
  { name: "Java", tool: "java", file: "java/Sign.java", command: ["java", "java/Sign.java"] },
  {
    name: "Rust",
    tool: "cargo",
    file: "rust/src/main.rs",
    command: ["cargo", "run", "--quiet", "--locked", "--manifest-path", "rust/Cargo.toml", "--"],
    prepare: ["cargo", "fetch", "--quiet", "--locked", "--manifest-path", "rust/Cargo.toml"],
  },
  { name: "shell", tool: "openssl", file: "shell/sign.sh", command: ["sh", "shell/sign.sh"] },
];

function canRun({ tool, prepare }: Example): boolean {
  if (tool !== "bun" && Bun.which(tool) === null) return false;
  return prepare === undefined || Bun.spawnSync([...prepare], { cwd: FOLDER, timeout: 30_000 }).success;
}

const onThisMachine = EXAMPLES.filter(canRun);
const absent = EXAMPLES.filter((example) => !onThisMachine.includes(example)).map(({ name }) => name);

/** A pair of an unusual length, with bytes that text handling would trip over. */
const PAIR = { key: "00ff80c3e9000d0a25", salt: "fe00253f5c0a" };
const PATHS = [
  "/rs:fill:60:40/g:sm/plain/local:///photo.png@webp",
  "/w:30/plain/local:///a%20b%25%C3%BC.png@jpg",
  `/w:30/f:png/${Buffer.from("local:///photo.png").toString("base64url")}`,
];

describe("the signing examples", () => {
  let folder: string;
  let server: RunningServer;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-docs-"));
    const picture = await sharp({ create: { width: 90, height: 60, channels: 3, background: "#579" } })
      .png()
      .toBuffer();
    for (const name of ["photo.png", "a b%ü.png"]) await writeFile(join(folder, name), picture);
    server = await startServer({
      env: { IMGPROXY_KEY: PAIR.key, IMGPROXY_SALT: PAIR.salt, IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder },
    });
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  async function sign(example: Example, path: string): Promise<string> {
    const child = Bun.spawn([...example.command, PAIR.key, PAIR.salt, path], {
      cwd: FOLDER,
      env: { ...process.env, CARGO_TARGET_DIR: join(CACHE, "cargo-target") },
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    });
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(`${example.name}: ${err}`);
    return out.trimEnd();
  }

  const suffix = absent.length === 0 ? "" : ` (cannot be run on this machine: ${absent.join(", ")})`;
  test.each(onThisMachine.map((example) => [example.name, example] as const))(
    `in %s: the server takes what it signs${suffix}`,
    async (_name, example) => {
      for (const path of PATHS) {
        const signed = await sign(example, path);
        expect(signed.endsWith(path)).toBe(true);
        const { status } = await fetch(server.url + signed);
        expect({ signed, status }).toEqual({ signed, status: 200 });
        const other = await fetch(server.url + signed.replace(/w:30|60:40/, "w:31"));
        expect(other.status).toBe(403);
      }
    },
    120_000,
  );

  test("are what docs/signing.md shows", async () => {
    const shown = readPage("docs/signing.md").blocks.filter(({ marks }) => marks[0]?.startsWith("examples/"));
    const files = await Promise.all(EXAMPLES.map(({ file }) => readFile(join(FOLDER, file), "utf8")));
    expect(shown.length).toBe(EXAMPLES.length);
    for (const [index, { file }] of EXAMPLES.entries()) {
      const block = shown.find(({ marks }) => marks.includes(`examples/signing/${file}`));
      expect(block?.text).toBeDefined();
      expect(files[index]).toContain(block?.text ?? "");
    }
  });
});
