import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Setup } from "../../src/http/playground/api.ts";
import { freePort } from "../support/executable.ts";
import { pictureFolder } from "./pictures.ts";

const home = mkdtempSync(join(tmpdir(), "first-look-"));
const folder = await pictureFolder();
afterAll(() => {
  rmSync(home, { recursive: true, force: true });
  folder[Symbol.dispose]();
});

/** Starts a command and reads until it has printed a URL; its own environment, with no MinIO in reach. */
async function firstUrl(command: readonly string[], use: (url: string) => Promise<void>): Promise<void> {
  const bind = `127.0.0.1:${await freePort()}`;
  const main = join(import.meta.dir, "../../src/main.ts");
  const child = Bun.spawn([process.execPath, main, ...command, "--bind", bind], {
    env: { HOME: home, PATH: "/usr/bin:/bin", IMGPROXY_PLAYGROUND: "false" },
    stdout: "pipe",
    stderr: "inherit",
  });
  try {
    let printed = "";
    const decoder = new TextDecoder();
    for await (const chunk of child.stdout) {
      printed += decoder.decode(chunk, { stream: true });
      if (printed.includes("Ctrl-C")) break;
    }
    const [url] = /^ {2}http:\S+/m.exec(printed) ?? [];
    expect(url?.trim()).toBe(`http://${bind}/playground`);
    await use(url?.trim() ?? "");
  } finally {
    child.kill();
    await child.exited;
  }
}

test("demo shows the way to the playground first, with its samples and a watermark", async () => {
  await firstUrl(["demo"], async (url) => {
    const setup = (await (await fetch(`${url}/setup`)).json()) as Setup; // The server's own type.
    expect(setup.sources[0]).toEndWith("astronaut.jpg");
    expect(setup.sources).toHaveLength(5);
    expect(setup.options.find(({ name }) => name === "watermark")?.note).toBeNull();
  });
});

test("serve with a folder shows the way to the playground first, with what lies in it", async () => {
  await firstUrl(["serve", folder.path], async (url) => {
    const setup = (await (await fetch(`${url}/setup`)).json()) as Setup; // The server's own type.
    expect(setup.sources).toEqual(["local:///landscape.jpg", "local:///more/portrait.png"]);
  });
});
