import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { EXECUTABLE, freePort, runExecutable, startServer } from "../support/executable.ts";

let folder: string;
let png: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-life-"));
  png = Uint8Array.from(
    await sharp({ create: { width: 40, height: 30, channels: 3, background: "#c03" } })
      .png()
      .toBuffer(),
  );
  writeFileSync(join(folder, "red.png"), png);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** An origin that keeps whoever asks waiting until it is let go. */
function slowOrigin() {
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: onAsked } = Promise.withResolvers<void>();
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async () => {
      onAsked();
      await go;
      return new Response(png);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/x.png`,
    asked,
    release,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("a stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)("by %s lets running requests finish and exits with 0", async (signal) => {
    await using origin = slowOrigin();
    await using server = await startServer({ env: { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true" } });
    const answer = fetch(`${server.url}/unsafe/w:20/plain/${origin.url}`);
    await origin.asked;
    const stopped = server.stop(signal);
    await Bun.sleep(100);
    expect(
      await fetch(`${server.url}/health`).then(
        () => "answered",
        () => "refused",
      ),
    ).toBe("refused");
    origin.release();
    expect((await answer).status).toBe(200);
    expect(await stopped).toBe(0);
  });

  test("waits no longer than IMGPROXY_GRACEFUL_STOP_TIMEOUT", async () => {
    await using origin = slowOrigin();
    await using server = await startServer({
      env: { IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", IMGPROXY_GRACEFUL_STOP_TIMEOUT: "1" },
    });
    const answer = fetch(`${server.url}/unsafe/w:20/plain/${origin.url}`).then(
      () => "answered",
      () => "cut",
    );
    await origin.asked;
    const startedAt = performance.now();
    expect(await server.stop()).toBe(0);
    expect(performance.now() - startedAt).toBeLessThan(4000);
    expect(await answer).toBe("cut");
    origin.release();
  });
});

describe("what keeps it from starting", () => {
  const oneLine = (err: string) => err.trimEnd().split("\n");

  test("is told in one clear line when the port is taken", async () => {
    const port = await freePort();
    using taken = Bun.serve({ port, hostname: "127.0.0.1", fetch: () => new Response("mine") });
    const { status, err } = await runExecutable([], { env: { IMGPROXY_BIND: `127.0.0.1:${taken.port}` } });
    expect(status).toBe(1);
    expect(err).toContain(`cannot listen on 127.0.0.1:${port}: another program listens there`);
  });

  test("is told in one clear line when a folder is missing", async () => {
    const env = { IMGPROXY_BIND: "127.0.0.1:0", IMGPROXY_LOCAL_FILESYSTEM_ROOT: "/no/such/folder" };
    const { status, err } = await runExecutable([], { env });
    expect(status).toBe(1);
    expect(err).toContain('IMGPROXY_LOCAL_FILESYSTEM_ROOT="/no/such/folder"');
  });

  test("is told in one line for each wrong variable, all at once", async () => {
    const env = { IMGPROXY_QUALITY: "180", IMGPROXY_WORKERS: "many", IMGPROXY_KEY: "zz" };
    const { status, err, out } = await runExecutable([], { env });
    expect({ status, out }).toEqual({ status: 1, out: "" });
    const lines = oneLine(err);
    for (const name of Object.keys(env)) expect(lines.filter((line) => line.includes(name))).toHaveLength(1);
    expect(err).not.toContain("zz");
  });

  test("is not a misspelt variable, but the log suggests the right one", async () => {
    await using server = await startServer({ env: { IMGPROXY_WORKERZ: "3" } });
    expect(server.log()).toContain("IMGPROXY_WORKERS");
  });

  test("is found beforehand by config --check", async () => {
    expect(await runExecutable(["config", "--check"], { env: { IMGPROXY_QUALITY: "180" } })).toMatchObject({
      status: 1,
    });
    expect(await runExecutable(["config", "--check"])).toMatchObject({ status: 0, out: "ok\n" });
  });
});

test("two servers share a port with IMGPROXY_SO_REUSEPORT, so that one can be restarted while the other answers", async () => {
  const env = { IMGPROXY_SO_REUSEPORT: "true" };
  await using one = await startServer({ env: { ...env, IMGPROXY_HEALTH_CHECK_MESSAGE: "one" } });
  const second = Bun.spawn([EXECUTABLE], {
    env: { ...env, IMGPROXY_BIND: new URL(one.url).host, IMGPROXY_HEALTH_CHECK_MESSAGE: "two" },
    stdout: "ignore",
    stderr: "ignore",
  });
  try {
    const answered = async () => (await fetch(`${one.url}/health`, { headers: { Connection: "close" } })).text();
    let answers = new Set<string>();
    for (let tries = 0; tries < 500 && answers.size < 2; tries++) answers.add(await answered());
    expect(answers).toEqual(new Set(["one", "two"]));
    await one.stop();
    answers = new Set();
    for (let tries = 0; tries < 20; tries++) answers.add(await answered());
    expect(answers).toEqual(new Set(["two"]));
  } finally {
    second.kill();
    expect(await second.exited).toBe(0);
  }
});

describe("the executable's own settings", () => {
  test("are set before it starts, and what the user has set wins", async () => {
    await using server = await startServer({ env: { UV_THREADPOOL_SIZE: "9", IMGPROXY_WORKERS: "5" } });
    const environment = await Bun.file(`/proc/${server.process.pid}/environ`).text();
    const variables = environment.split("\0");
    expect(variables).toContain("UV_THREADPOOL_SIZE=9");
    expect(variables.some((line) => line.startsWith("BUN_CONFIG_MAX_HTTP_REQUESTS="))).toBe(true);
    expect(variables).toContain("MALLOC_ARENA_MAX=2");
    expect(variables).toContain("MIMALLOC_PURGE_DELAY=500");
  });

  test("are shown by config", async () => {
    const { out } = await runExecutable(["config", "--json"], { env: { UV_THREADPOOL_SIZE: "9" } });
    const rows: { variable: string; value: string; origin: string }[] = JSON.parse(out);
    expect(rows.find(({ variable }) => variable === "UV_THREADPOOL_SIZE")).toMatchObject({
      value: "9",
      origin: "environment",
    });
    expect(rows.find(({ variable }) => variable === "MALLOC_ARENA_MAX")).toMatchObject({
      value: "2",
      origin: "default",
    });
  });
});

describe("imgproxy health", () => {
  test("asks the server that the settings describe", async () => {
    const env = { IMGPROXY_PATH_PREFIX: "/img", IMGPROXY_BIND: `127.0.0.1:${await freePort()}` };
    expect(await runExecutable(["health"], { env })).toMatchObject({ status: 1 });
    const child = Bun.spawn([join(import.meta.dir, "../../dist/imgproxy")], {
      env,
      stdout: "ignore",
      stderr: "ignore",
    });
    try {
      let asked = await runExecutable(["health"], { env });
      for (let tries = 0; asked.status !== 0 && tries < 50; tries++) asked = await runExecutable(["health"], { env });
      expect(asked).toMatchObject({ status: 0, err: "imgproxy is running\n" });
    } finally {
      child.kill();
      await child.exited;
    }
  });

  test("reaches a server behind a Unix socket", async () => {
    const env = { IMGPROXY_NETWORK: "unix", IMGPROXY_BIND: join(folder, "socket") };
    const child = Bun.spawn([join(import.meta.dir, "../../dist/imgproxy")], {
      env,
      stdout: "ignore",
      stderr: "ignore",
    });
    try {
      let asked = await runExecutable(["health"], { env });
      for (let tries = 0; asked.status !== 0 && tries < 50; tries++) asked = await runExecutable(["health"], { env });
      expect(asked).toMatchObject({ status: 0 });
    } finally {
      child.kill();
      expect(await child.exited).toBe(0);
    }
    expect(await Bun.file(join(folder, "socket")).exists()).toBe(false);
  });
});

describe("imgproxy serve FOLDER", () => {
  test("serves the folder unsigned on the loopback address and prints URLs that work", async () => {
    await using server = await startServer({
      args: (bind) => ["serve", folder, "--bind", bind],
      env: { IMGPROXY_KEY: "00", IMGPROXY_SALT: "00" },
    });
    const url = /http:\S+red\.png\S*/.exec(server.log())?.[0] ?? "";
    expect(url).toContain("/unsafe/");
    expect((await fetch(url)).status).toBe(200);
  });
});

describe("imgproxy process", () => {
  test("writes the same bytes as the server answers", async () => {
    const out = join(folder, "out.webp");
    expect(await runExecutable(["process", join(folder, "red.png"), "rs:fill:20:20/bl:1", out])).toMatchObject({
      status: 0,
    });
    await using server = await startServer({ env: { IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder } });
    const answer = await fetch(`${server.url}/unsafe/rs:fill:20:20/bl:1/plain/local:///red.png@webp`);
    expect(Buffer.from(await answer.arrayBuffer()).equals(Buffer.from(await Bun.file(out).bytes()))).toBe(true);
  });

  test("prints the plan with --explain and writes nothing", async () => {
    const { status, out } = await runExecutable(["process", join(folder, "red.png"), "rs:fill:20:20", "--explain"]);
    expect(status).toBe(0);
    expect(out).toContain("20");
    expect(out.split("\n").length).toBeGreaterThan(3);
  });
});
