import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { compileUrlReader } from "../../src/http/playground/url-reader.ts";
import { compileRequestSettings } from "../../src/http/read-request.ts";
import { loadSnippets, type SnippetFacts } from "./page-modules.ts";

const { SNIPPETS } = await loadSnippets();
const folder = mkdtempSync(join(tmpdir(), "snippets-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const KEYS = { IMGPROXY_KEY: "00ff7365637265742d6b6579", IMGPROXY_SALT: "80736563726574" };
const ORIGIN = "http://127.0.0.1:8080";
/** What would break a literal of one language or another. */
const NASTY = 's3://bucket/it\'s #{1} $name "q" \\ &ümlaut*.jpg';

function factsOf(env: Readonly<Record<string, string>>, source = NASTY): SnippetFacts {
  const { config } = loadConfig(env);
  const settings = compileRequestSettings(config);
  const reader = compileUrlReader(settings);
  const options = ["rs:fill:300:200", "q:80"];
  const read = (extra: readonly string[], extension: string) => {
    const { reading } = reader.ofParts({ options: [...options, ...extra], source, extension, encoding: "plain" });
    if (reading === null) throw new Error("the URL cannot be read");
    return reading;
  };
  const { target, path } = read([], "webp");
  return {
    origin: ORIGIN,
    prefix: config.pathPrefix,
    target,
    path,
    isSigned: settings.signature.pairs.length > 0,
    signatureSize: settings.signature.size,
    options,
    width: 300,
    height: 200,
    urlOf: async ({ format = "webp", dpr }) => ORIGIN + read(dpr === undefined ? [] : [`dpr:${dpr}`], format).target,
  };
}

async function write(name: string, facts: SnippetFacts): Promise<string> {
  const snippet = SNIPPETS.find((one) => one.name === name);
  if (snippet === undefined) throw new Error(`no snippet ${name}`);
  return snippet.write(facts);
}

async function run(command: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
  const child = Bun.spawn([...command], {
    // Go keeps what it has compiled below HOME: without that it would compile its library each time.
    env: { PATH: process.env["PATH"] ?? "", HOME: process.env["HOME"] ?? folder, GO111MODULE: "off", ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  if ((await child.exited) !== 0) throw new Error(err || out);
  return out.trim();
}

/** How a program of each language is run; the tests of a language need it on PATH, all but our own. */
const LANGUAGES = [
  { name: "typescript", file: "url.ts", command: [process.execPath] },
  { name: "go", file: "url.go", command: ["go", "run"] },
  { name: "python", file: "url.py", command: ["python3"] },
  { name: "ruby", file: "url.rb", command: ["ruby"] },
  { name: "php", file: "url.php", command: ["php"] },
] as const;

const SERVERS = [
  ["unsigned", {}],
  ["signed", { ...KEYS, IMGPROXY_PATH_PREFIX: "/img" }],
  ["signed shortly", { ...KEYS, IMGPROXY_SIGNATURE_SIZE: "8" }],
] as const;

for (const { name, file, command } of LANGUAGES) {
  const isThere = Bun.which(command[0]) !== null;
  if (!isThere) console.error(`no ${command[0]} on PATH: its snippets are not run`);
  test.if(isThere).each(SERVERS)(`the ${name} snippet prints the URL of a server, %s`, async (_, env) => {
    const facts = factsOf(env);
    const path = join(folder, file);
    writeFileSync(path, await write(name, facts));
    expect(await run([...command, path], env)).toBe(facts.origin + facts.target);
  });
}

describe("the snippets for", () => {
  test("curl and the environment survive a shell", async () => {
    const facts = factsOf({}, "s3://b/it's $HOME `x`.jpg");
    const curl = await write("curl", facts);
    const shown = await run(["sh", "-c", `curl() { for last; do :; done; printf %s "$last"; }; ${curl}`], {});
    expect(shown).toBe(facts.origin + facts.target);
    const preset = await write("preset", facts);
    expect(await run(["sh", "-c", `${preset}; printf %s "$IMGPROXY_PRESETS"`], {})).toBe(
      "my_preset=rs:fill:300:200/q:80",
    );
    const { config } = loadConfig({ IMGPROXY_PRESETS: "my_preset=rs:fill:300:200/q:80" });
    expect([...compileRequestSettings(config).options.presets.keys()]).toEqual(["my_preset"]);
  });

  test("HTML hold signed URLs for each density and format, escaped", async () => {
    const facts = factsOf(KEYS, "https://example.com/a.jpg?b=1&c=2");
    const markup = (await write("img", facts)) + (await write("picture", facts));
    const wanted = await Promise.all(
      [{}, { dpr: 2 }, { dpr: 3 }, { format: "avif" }, { format: "avif", dpr: 3 }, { format: "jpeg" }].map(facts.urlOf),
    );
    for (const url of wanted) expect(markup).toContain(url.replaceAll("&", "&amp;"));
    expect(markup).toContain('width="300" height="200"');
    // No ampersand stands alone.
    expect(markup).not.toMatch(/&(?!amp;|quot;)/);
  });

  test("CSS hold two densities", async () => {
    const facts = factsOf({}, "s3://b/k.jpg");
    expect(await write("css", facts)).toContain(`url("${await facts.urlOf({ dpr: 2 })}") 2x`);
  });
});
