import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { EXECUTABLE, freePort, type RunningServer, runExecutable, startServer } from "../support/executable.ts";
import { listenForNotifications } from "../support/notify-socket.ts";
import { processState } from "../support/process-watch.ts";

let folder: string;
let jpeg: Uint8Array<ArrayBuffer>;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-processes-"));
  jpeg = Uint8Array.from(
    await sharp({ create: { width: 400, height: 300, channels: 3, background: "#37a" } })
      .jpeg()
      .toBuffer(),
  );
  writeFileSync(join(folder, "blue.jpg"), jpeg);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const SEVERAL = { IMGPROXY_PROCESSES: "2", IMGPROXY_WORKERS: "5" };
/** A connection of its own, so that the system chooses a process for each request. */
const ALONE = { headers: { Connection: "close" } };

/** Resolves when one of them answers. */
const begin = (env: Record<string, string> = {}) =>
  startServer({ env: { ...SEVERAL, IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder, ...env } });

/** Resolves when all of them answer. */
async function start(env: Record<string, string> = {}): Promise<RunningServer> {
  const server = await begin(env);
  await until(() => server.log().includes('msg="Serving at '));
  return server;
}

const image = (server: RunningServer, width: number) => `${server.url}/unsafe/w:${width}/plain/local:///blue.jpg`;

/** The processes that answer; those who make images for them have other children. */
function processesOf(server: RunningServer): readonly number[] {
  return processState(server.process.pid)?.children ?? [];
}

async function until(isTrue: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 10_000;
  while (!(await isTrue())) {
    if (Date.now() > deadline) throw new Error("it has not come to that in ten seconds");
    await Bun.sleep(20);
  }
}

/** Names of processes in the log lines of requests. */
const answerers = (log: string) =>
  new Set(Array.from(log.matchAll(/msg="Completed in [^"]*" process="(\d+)"/g), ([, name]) => name));

async function metricsAt(port: number): Promise<Map<string, number>> {
  const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  return new Map(Array.from(text.matchAll(/^([^#\s]+) (\S+)$/gm), ([, name = "", value]) => [name, Number(value)]));
}

/** An origin that keeps whoever asks waiting until it is let go. */
function slowOrigin() {
  const { promise: go, resolve: release } = Promise.withResolvers<void>();
  const waiting = { count: 0 };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: async () => {
      waiting.count++;
      await go;
      return new Response(jpeg);
    },
  });
  return {
    url: `http://127.0.0.1:${server.port}/x.jpg`,
    waiting,
    release,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}

describe("several processes", () => {
  test("share the connections, and tell in the log which of them answered", async () => {
    await using server = await start();
    expect(processesOf(server)).toHaveLength(2);
    for (let width = 1; width <= 40; width++) expect((await fetch(image(server, width), ALONE)).status).toBe(200);
    await until(() => answerers(server.log()).size === 2);
    expect(answerers(server.log())).toEqual(new Set(["1", "2"]));
    expect(server.log()).toMatch(/msg="Serving at http:\S+ with 2 processes" process="main"/);
    expect(server.log().match(/Signatures are not checked/g)).toHaveLength(1);
    expect(await server.stop()).toBe(0);
  });

  test("appear as one server in the metrics, whatever becomes of them", async () => {
    const port = await freePort();
    await using server = await start({ IMGPROXY_PROMETHEUS_BIND: `127.0.0.1:${port}` });
    for (let width = 1; width <= 30; width++) await (await fetch(image(server, width), ALONE)).arrayBuffer();
    const before = await metricsAt(port);
    expect(before.get("requests_total")).toBe(30);
    expect(before.get('status_codes_total{status="200"}')).toBe(30);
    expect(before.get("request_duration_seconds_count")).toBe(30);
    expect(before.get("workers")).toBe(5);
    expect(before.get("server_processes")).toBe(2);
    expect(before.get("process_resident_memory_bytes")).toBeGreaterThan(
      Math.max(...processesOf(server).map((pid) => processState(pid)?.residentBytes ?? 0)),
    );
    process.kill(processesOf(server)[0] ?? 0, "SIGKILL");
    await until(async () => (await metricsAt(port)).get("server_process_restarts_total") === 1);
    const after = await metricsAt(port);
    expect(after.get("requests_total")).toBe(30);
    expect(after.get("workers")).toBe(5);
  });

  test("write whole lines, however slowly the log is read", async () => {
    const port = await freePort();
    const child = Bun.spawn([EXECUTABLE], {
      env: { ...SEVERAL, IMGPROXY_BIND: `127.0.0.1:${port}` },
      stdout: "pipe",
      stderr: "ignore",
    });
    try {
      const url = `http://127.0.0.1:${port}`;
      await until(() =>
        fetch(`${url}/health`).then(
          ({ ok }) => ok,
          () => false,
        ),
      );
      // Several times what a pipe holds, in lines longer than what goes into one in one piece.
      const asked = Array.from({ length: 100 }, (_, at) => fetch(`${url}/${"x".repeat(6000)}/${at}`, ALONE));
      await Promise.all(asked);
      child.kill();
      const lines = (await new Response(child.stdout).text()).trimEnd().split("\n");
      expect(lines.length).toBeGreaterThan(100);
      for (const line of lines) expect(line).toMatch(/^time="[^"]*" level="[^"]*" msg="[^"]*" process="\w+"/);
      for (const line of lines) expect(line.match(/time="/g)).toHaveLength(1);
    } finally {
      child.kill();
      await child.exited;
    }
  });

  test("keep results in one folder, where each finds what the other has made", async () => {
    const cache = mkdtempSync(join(folder, "results-"));
    await using server = await start({ IMGPROXY_CACHE_USE: "fs", IMGPROXY_CACHE_FS_ROOT: cache });
    const first = Buffer.from(await (await fetch(image(server, 33), ALONE)).arrayBuffer());
    await Bun.sleep(300);
    for (let times = 0; times < 30; times++) {
      const answer = Buffer.from(await (await fetch(image(server, 33), ALONE)).arrayBuffer());
      expect(answer.equals(first)).toBe(true);
    }
    await until(() => answerers(server.log()).size === 2 && (server.log().match(/HIT fs/g)?.length ?? 0) === 30);
    expect(server.log().match(/cache="MISS"/g)).toHaveLength(1);
  });
});

describe("a process that is killed", () => {
  test("is back within a second or so, and takes only its own connections with it", async () => {
    const port = await freePort();
    await using server = await start({ IMGPROXY_PROMETHEUS_BIND: `127.0.0.1:${port}` });
    const [victim = 0] = processesOf(server);
    let isOver = false;
    const outcomes = { answered: 0, cut: 0 };
    const client = async () => {
      for (let width = 1; !isOver; width = (width % 100) + 1) {
        const status = await fetch(image(server, width), ALONE).then(
          async (answer) => {
            await answer.arrayBuffer();
            return answer.status;
          },
          () => 0,
        );
        if (status === 200) outcomes.answered++;
        else if (status === 0) outcomes.cut++;
        else throw new Error(`answered ${status}`);
      }
    };
    const clients = Array.from({ length: 6 }, client);
    await Bun.sleep(300);
    process.kill(victim, "SIGKILL");
    const killedAt = performance.now();
    await until(async () => (await metricsAt(port)).get("server_process_restarts_total") === 1);
    const backAfterMs = performance.now() - killedAt;
    await Bun.sleep(300);
    isOver = true;
    await Promise.all(clients);
    expect(processState(victim)).toBeUndefined();
    expect(processesOf(server)).toHaveLength(2);
    expect(backAfterMs).toBeLessThan(5000);
    expect(outcomes.answered).toBeGreaterThan(20);
    // At most what each client had under way at that moment, and what it asked again before the port was gone, too.
    expect(outcomes.cut).toBeLessThanOrEqual(12);
    expect(server.log()).toMatch(
      /level="ERROR" msg="Process \d ended and is started anew" process="main" pid=\d+ ending="SIGKILL"/,
    );
  });
});

describe("a reload", () => {
  const answers = async (server: RunningServer) => {
    const seen = new Set<string>();
    for (let times = 0; times < 30; times++) seen.add(await (await fetch(`${server.url}/health`, ALONE)).text());
    return [...seen];
  };

  test("reaches all processes or, when the settings are wrong, none, now and later", async () => {
    const file = join(folder, "settings.env");
    writeFileSync(file, "IMGPROXY_HEALTH_CHECK_MESSAGE=old\n");
    await using server = await start({ IMGPROXY_ENV_LOCAL_FILE_PATH: file });
    expect(await answers(server)).toEqual(["old"]);

    writeFileSync(file, "IMGPROXY_HEALTH_CHECK_MESSAGE=new\n");
    server.process.kill("SIGHUP");
    await until(() => server.log().includes("Reloaded the configuration of all processes"));
    expect(await answers(server)).toEqual(["new"]);

    writeFileSync(file, "IMGPROXY_HEALTH_CHECK_MESSAGE=wrong\nIMGPROXY_QUALITY=180\n");
    server.process.kill("SIGHUP");
    await until(() => server.log().includes("the old one stays"));
    writeFileSync(file, `IMGPROXY_HEALTH_CHECK_MESSAGE=wrong\nIMGPROXY_WATERMARK_PATH=${file}\n`);
    server.process.kill("SIGHUP");
    await until(() => server.log().includes("is no image of a known format"));
    expect(await answers(server)).toEqual(["new"]);
    process.kill(processesOf(server)[1] ?? 0, "SIGKILL");
    await until(() => server.log().includes("serves again"));
    expect(await answers(server)).toEqual(["new"]);
  });
});

describe("a stop", () => {
  test.each(["SIGTERM", "SIGINT"] as const)(
    "by %s lets requests of all processes finish and exits with 0",
    async (signal) => {
      await using origin = slowOrigin();
      await using server = await start({ IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", IMGPROXY_WORKERS: "24" });
      const pids = processesOf(server);
      const asked = Array.from({ length: 10 }, (_, at) =>
        fetch(`${server.url}/unsafe/w:${at + 10}/plain/${origin.url}?${at}`, ALONE).then(({ status }) => status),
      );
      await until(() => origin.waiting.count === 10);
      const stopped = server.stop(signal);
      await until(() =>
        fetch(`${server.url}/health`, ALONE).then(
          () => false,
          () => true,
        ),
      );
      origin.release();
      expect(await Promise.all(asked)).toEqual(Array(10).fill(200));
      expect(await stopped).toBe(0);
      for (const pid of pids) expect(processState(pid)).toBeUndefined();
    },
  );

  test("that is asked for as soon as one process answers follows the start of the others", async () => {
    await using server = await begin();
    expect(await server.stop()).toBe(0);
    expect(server.log()).toContain("Shutting down the server...");
  });

  test("by a signal to one process lets its requests finish and starts another one", async () => {
    await using origin = slowOrigin();
    await using server = await start({ IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", IMGPROXY_WORKERS: "24" });
    const asked = Array.from({ length: 10 }, (_, at) =>
      fetch(`${server.url}/unsafe/w:${at + 10}/plain/${origin.url}?${at}`, ALONE).then(({ status }) => status),
    );
    await until(() => origin.waiting.count === 10);
    for (const pid of processesOf(server)) process.kill(pid, "SIGTERM");
    origin.release();
    expect(await Promise.all(asked)).toEqual(Array(10).fill(200));
    await until(() => (server.log().match(/serves again/g)?.length ?? 0) === 2);
    expect((await fetch(image(server, 9), ALONE)).status).toBe(200);
  });

  test("is what follows when the parent is killed: running requests finish, and no process stays", async () => {
    await using origin = slowOrigin();
    await using server = await start({ IMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES: "true", IMGPROXY_WORKERS: "24" });
    const pids = processesOf(server);
    const asked = Array.from({ length: 6 }, (_, at) =>
      fetch(`${server.url}/unsafe/w:${at + 10}/plain/${origin.url}?${at}`, ALONE).then(({ status }) => status),
    );
    await until(() => origin.waiting.count === 6);
    await server.stop("SIGKILL");
    await until(() =>
      fetch(`${server.url}/health`, ALONE).then(
        () => false,
        () => true,
      ),
    );
    origin.release();
    expect(await Promise.all(asked)).toEqual(Array(6).fill(200));
    await until(() => pids.every((pid) => processState(pid) === undefined));
  });
});

describe("what keeps several processes from starting", () => {
  const failing = (env: Record<string, string>) => runExecutable([], { env: { ...SEVERAL, ...env } });

  test("is told once when another program listens there", async () => {
    using taken = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("mine") });
    const bind = `127.0.0.1:${taken.port}`;
    const { status, err } = await failing({ IMGPROXY_BIND: bind });
    expect(status).toBe(1);
    expect(err.match(/another program listens there/g)).toHaveLength(1);
  });

  test("is told once when a server of several processes listens there", async () => {
    await using server = await start();
    const { status, err } = await failing({ IMGPROXY_BIND: new URL(server.url).host });
    expect(status).toBe(1);
    expect(err.match(/another program listens there/g)).toHaveLength(1);
  });

  test("is told once when an image of the settings is none", async () => {
    const file = join(folder, "text.png");
    writeFileSync(file, "no image");
    const { status, err } = await failing({ IMGPROXY_BIND: "127.0.0.1:0", IMGPROXY_WATERMARK_PATH: file });
    expect({ status, err }).toEqual({
      status: 1,
      err: "imgproxy: IMGPROXY_WATERMARK_PATH is no image of a known format (8 bytes)\n",
    });
  });

  test("is a number without a worker for each, and a Unix socket, which cannot be shared", async () => {
    const many = await failing({ IMGPROXY_BIND: "127.0.0.1:0", IMGPROXY_PROCESSES: "6" });
    expect(many).toMatchObject({ status: 1, out: "" });
    expect(many.err).toContain(
      "IMGPROXY_PROCESSES=6 needs at least one worker for each process, but IMGPROXY_WORKERS is 5.",
    );
    const unix = await failing({ IMGPROXY_NETWORK: "unix", IMGPROXY_BIND: join(folder, "socket") });
    expect(unix).toMatchObject({ status: 1, out: "" });
    expect(unix.err).toContain(
      "a Unix socket cannot be shared. Set IMGPROXY_PROCESSES=1, or listen on a loopback port",
    );
  });

  test("is that it was started by hand", async () => {
    const { status, err } = await runExecutable(["server-process"]);
    expect({ status, err }).toMatchObject({ status: 1, err: expect.stringContaining("started by imgproxy serve") });
  });
});

describe("systemd", () => {
  test("hears of the whole server: that it is ready, lives, reloads, lost a process, stops", async () => {
    const path = join(folder, "notify");
    using socket = listenForNotifications(path);
    const port = await freePort();
    await using server = await start({ NOTIFY_SOCKET: path, IMGPROXY_PROMETHEUS_BIND: `127.0.0.1:${port}` });
    expect(await socket.next()).toBe(`READY=1\nSTATUS=serving at ${server.url} with 2 processes`);
    process.kill(processesOf(server)[0] ?? 0, "SIGKILL");
    expect(await socket.next()).toBe(`STATUS=serving at ${server.url} with 1 of 2 processes`);
    expect(await socket.next()).toBe(`STATUS=serving at ${server.url} with 2 of 2 processes`);
    server.process.kill("SIGHUP");
    expect(await socket.next()).toMatch(/^RELOADING=1\n/);
    expect(await socket.next()).toBe("READY=1");
    expect(await server.stop()).toBe(0);
    expect(await socket.next()).toMatch(/^STOPPING=1\n/);
  });

  test("gets a sign of life only while all processes answer", async () => {
    const path = join(folder, "watchdog");
    using socket = listenForNotifications(path);
    await using server = await start({ NOTIFY_SOCKET: path, WATCHDOG_USEC: "200000" });
    const beats = async (forMs: number) => {
      while (socket.receive() !== undefined);
      await Bun.sleep(forMs);
      let count = 0;
      for (let state = socket.receive(); state !== undefined; state = socket.receive())
        if (state === "WATCHDOG=1") count++;
      return count;
    };
    expect(await beats(1000)).toBeGreaterThan(2);
    const [pid = 0] = processesOf(server);
    process.kill(pid, "SIGSTOP");
    try {
      await Bun.sleep(200);
      expect(await beats(600)).toBe(0);
    } finally {
      process.kill(pid, "SIGCONT");
    }
    await Bun.sleep(200);
    expect(await beats(1000)).toBeGreaterThan(2);
  });
});
