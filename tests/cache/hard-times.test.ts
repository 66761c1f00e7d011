/** The executable's folder of kept results through kills, full disks and a second server. Whatever happens, no image is ever wrong. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { EXECUTABLE, freePort, type RunningServer, startServer } from "../support/executable.ts";
import { patternBytes } from "../support/pattern-bytes.ts";
import { draftsBelow, filesBelow, resultsBelow } from "./result-folder.ts";

const folder = mkdtempSync(join(tmpdir(), "imgproxy-hard-times-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Paths of images and what they must be, made by a server that keeps nothing. */
const expected = new Map<string, Buffer>();
const SOURCES = 8;
const WIDTHS = [80, 100, 120, 140, 150];

const plainEnv = { IMGPROXY_LOCAL_FILESYSTEM_ROOT: join(folder, "images"), IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true" };

beforeAll(async () => {
  mkdirSync(plainEnv.IMGPROXY_LOCAL_FILESYSTEM_ROOT);
  const raw = { width: 160, height: 120, channels: 3 as const };
  for (let index = 0; index < SOURCES; index++) {
    // Noise does not compress, so results are some ten kilobytes.
    const png = await sharp(patternBytes(160 * 120 * 3, index + 1), { raw })
      .png()
      .toBuffer();
    writeFileSync(join(plainEnv.IMGPROXY_LOCAL_FILESYSTEM_ROOT, `${index}.png`), png);
  }
  await using server = await startServer({ env: plainEnv });
  for (let index = 0; index < SOURCES; index++) {
    for (const width of WIDTHS) {
      const path = `/unsafe/w:${width}/plain/local:///${index}.png`;
      expected.set(path, Buffer.from(await (await fetch(server.url + path)).bytes()));
    }
  }
}, 60_000);

let roots = 0;
const freshRoot = () => join(folder, `cache-${roots++}`);

function keepingIn(root: string, more: Readonly<Record<string, string>> = {}) {
  return { ...plainEnv, IMGPROXY_CACHE_USE: "fs", IMGPROXY_CACHE_FS_ROOT: root, ...more };
}

type Tally = { readonly seen: Map<string, number>; wrong: number };

/** Asks for images in a fixed disorder until there have been so many or the server is gone. */
async function hammer(server: RunningServer, turns: number, tally: Tally): Promise<void> {
  const paths = [...expected.keys()];
  const visitors = Array.from({ length: 6 }, async (_, visitor) => {
    for (let turn = 0; turn < turns; turn++) {
      // Every other turn one of a few that everybody wants.
      const choice = turn % 2 === 0 ? turn % 3 : (turn * 7 + visitor * 11) % paths.length;
      const path = paths[choice] ?? "";
      const response = await fetch(server.url + path).catch(() => undefined);
      const bytes = await response?.bytes().catch(() => undefined);
      // The connection was cut: that is no image, and every client can tell.
      if (response === undefined || bytes === undefined) return;
      const via = response.headers.get("x-cache") ?? `status ${response.status}`;
      tally.seen.set(via, (tally.seen.get(via) ?? 0) + 1);
      if (!expected.get(path)?.equals(bytes)) tally.wrong++;
    }
  });
  await Promise.all(visitors);
}

const sum = (tally: Tally) => [...tally.seen.values()].reduce((total, count) => total + count, 0);

describe("a folder of results", () => {
  test("survives kill -9 at any moment", async () => {
    const root = freshRoot();
    const tally: Tally = { seen: new Map(), wrong: 0 };
    const rounds = 15;
    for (let round = 0; round < rounds; round++) {
      const server = await startServer({ env: keepingIn(root) });
      // Later and later, so that some die in the first write and some among hits.
      const killer = setTimeout(() => server.process.kill("SIGKILL"), 4 + round * round * 2);
      await hammer(server, 400, tally);
      clearTimeout(killer);
      server.process.kill("SIGKILL");
      await server.process.exited;
      // What a death in the middle of a write could leave at worst: nothing but whole files under right names.
      for (const file of filesBelow(root)) expect(file).toMatch(/\/(?:[0-9a-f]{2}\/[0-9a-f]{64}|tmp\/[0-9a-f]{24})$/);
    }
    // One that lives, however slow the machine is: what the others left behind is whole, or is made anew.
    await using survivor = await startServer({ env: keepingIn(root) });
    await hammer(survivor, 400, tally);
    expect(tally.wrong).toBe(0);
    expect(tally.seen.get("HIT fs") ?? 0).toBeGreaterThan(200);
    expect(tally.seen.get("MISS") ?? 0).toBeGreaterThanOrEqual(expected.size);
  }, 90_000);

  test("serves nothing of files that were cut, garbled, emptied or exchanged", async () => {
    const root = freshRoot();
    const tally: Tally = { seen: new Map(), wrong: 0 };
    await using server = await startServer({ env: keepingIn(root) });
    for (let round = 0; round < 4; round++) {
      await hammer(server, 60, tally);
      for (let waited = 0; resultsBelow(root).length < expected.size && waited < 5000; waited += 20)
        await Bun.sleep(20);
      const files = resultsBelow(root).toSorted();
      expect(files).toHaveLength(expected.size);
      for (const [index, file] of files.entries()) {
        const { size } = statSync(file);
        const bytes = readFileSync(file);
        const other = files[(index + 1) % files.length] ?? file;
        if (index % 4 === 0) truncateSync(file, (size * (round + 1)) >> 3);
        else if (index % 4 === 1) writeFileSync(file, bytes.fill(0, size >> (round + 1)));
        else if (index % 4 === 2) writeFileSync(file, readFileSync(other));
        else bytes[(size * (round + 2)) >> 3] = (bytes[(size * (round + 2)) >> 3] ?? 0) ^ 0x10;
        if (index % 4 === 3) writeFileSync(file, bytes);
      }
    }
    await hammer(server, 60, tally);
    expect(tally.wrong).toBe(0);
    // Every file was damaged four times and so made five times.
    expect(tally.seen.get("MISS") ?? 0).toBeGreaterThanOrEqual(5 * expected.size);
    expect(tally.seen.get("HIT fs") ?? 0).toBeGreaterThan(100);
  }, 60_000);

  test("is shared by two servers that both make room in it all the time", async () => {
    const root = freshRoot();
    const tally: Tally = { seen: new Map(), wrong: 0 };
    // Less than all the results take.
    const env = keepingIn(root, { IMGPROXY_CACHE_FS_SIZE: "1M" });
    const total = [...expected.values()].reduce((bytes, image) => bytes + image.length, 0);
    expect(total).toBeGreaterThan(2 ** 20);
    const servers = await Promise.all([startServer({ env }), startServer({ env })]);
    try {
      await Promise.all(servers.map((server) => hammer(server, 150, tally)));
      expect(tally.wrong).toBe(0);
      expect(sum(tally)).toBe(2 * 6 * 150);
      expect(tally.seen.get("HIT fs") ?? 0).toBeGreaterThan(100);
    } finally {
      for (const server of servers) await server.stop();
    }
    expect(draftsBelow(root)).toEqual([]);
  }, 60_000);

  test("is written to the end by a server that is asked to stop", async () => {
    const root = freshRoot();
    const server = await startServer({ env: keepingIn(root) });
    const [path = ""] = expected.keys();
    await (await fetch(server.url + path)).bytes();
    expect(await server.stop()).toBe(0);
    expect(filesBelow(root)).toHaveLength(1);
  });
});

describe("a full disk", () => {
  /** Runs with a folder on a disk of one megabyte; where nobody may mount one, with a limit to the size of files. */
  async function withFullDisk(use: (root: string, executable: string) => Promise<void>): Promise<void> {
    const root = freshRoot();
    mkdirSync(root);
    const mounted = Bun.spawnSync(["mount", "-t", "tmpfs", "-o", "size=300k", "tmpfs", root]).exitCode === 0;
    const limited = join(folder, "limited");
    // The signal that comes with the error is ignored, as it is for a program under a quota.
    writeFileSync(limited, `#!/bin/sh\ntrap '' XFSZ\nulimit -f 48\nexec '${EXECUTABLE}' "$@"\n`, { mode: 0o755 });
    try {
      await use(root, mounted ? EXECUTABLE : limited);
    } finally {
      if (mounted) Bun.spawnSync(["umount", root]);
    }
  }

  test("costs nobody an image, is told once a minute, and what fits is still served", async () => {
    await withFullDisk(async (root, executable) => {
      const metricsAt = `127.0.0.1:${await freePort()}`;
      const tally: Tally = { seen: new Map(), wrong: 0 };
      await using server = await startServer({
        executable,
        env: keepingIn(root, { IMGPROXY_PROMETHEUS_BIND: metricsAt }),
      });
      await hammer(server, 200, tally);
      expect(tally.wrong).toBe(0);
      expect(sum(tally)).toBe(6 * 200);
      const metrics = await (await fetch(`http://${metricsAt}/`)).text();
      expect(Number(/cache_errors_total\{layer="fs",kind="write"\} (\d+)/.exec(metrics)?.[1] ?? 0)).toBeGreaterThan(0);
      expect(server.log().match(/Kept results: cannot write/g)).toHaveLength(1);
      expect(tally.seen.get("HIT fs") ?? 0).toBeGreaterThan(50);
      // The last write may still be under way.
      for (let waited = 0; draftsBelow(root).length > 0 && waited < 2000; waited += 20) await Bun.sleep(20);
      expect(draftsBelow(root)).toEqual([]);
    });
  }, 60_000);
});
