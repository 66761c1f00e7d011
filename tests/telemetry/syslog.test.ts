import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { createSocket } from "node:dgram";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server, type Socket } from "node:net";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { bindUnixDatagrams } from "../../src/native/unix-datagram.ts";
import { localSyslogLine, remoteSyslogLine } from "../../src/telemetry/syslog/syslog-line.ts";
import { openSyslogLogger } from "../../src/telemetry/syslog/syslog-logger.ts";
import type { LogLevel } from "../../src/telemetry/types.ts";
import { listenForNotifications } from "../support/notify-socket.ts";

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "syslog-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition(); waited += 5) {
    if (waited > 5000) throw new Error("it did not happen within 5 seconds");
    await Bun.sleep(5);
  }
}

async function open(env: Record<string, string>, localPaths: readonly string[] = []) {
  const { config } = loadConfig({ IMGPROXY_SYSLOG_ENABLE: "true", ...env });
  const troubles: unknown[] = [];
  const log = (_: LogLevel, message: string, fields: object = {}) => void troubles.push([message, fields]);
  const datagrams = bindUnixDatagrams();
  const opened = await openSyslogLogger(config, { datagrams, format: "structured", logger: { log }, localPaths });
  return { ...opened, troubles };
}

/** A syslog over a stream: lines as they come, and the power to hang up. */
async function startStreamSyslog(where: { port?: number; host?: string; path?: string }) {
  const sockets = new Set<Socket>();
  let text = "";
  const server: Server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => undefined).on("data", (data) => (text += data.toString()));
  });
  await new Promise<void>((resolve) => server.listen(where, resolve));
  const address = server.address();
  return {
    port: typeof address === "object" && address !== null ? address.port : 0,
    lines: () => text.split("\n").slice(0, -1),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}

const LINE = /level="INFO" msg="hello" a=1$/;

describe("lines go to syslog", () => {
  test("over UDP", async () => {
    const syslog = createSocket("udp4");
    const received: string[] = [];
    syslog.on("message", (message) => void received.push(message.toString()));
    await new Promise<void>((resolve) => syslog.bind(0, "127.0.0.1", () => resolve()));
    const { logger, close } = await open({
      IMGPROXY_SYSLOG_NETWORK: "udp",
      IMGPROXY_SYSLOG_ADDRESS: `127.0.0.1:${syslog.address().port}`,
      IMGPROXY_SYSLOG_TAG: "thumbs",
    });
    logger.log("info", "hello", { a: 1 });
    logger.log("error", "x".repeat(100_000));
    await until(() => received.length === 2);
    await close();
    syslog.close();
    const head = new RegExp(
      `^<6>\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d(Z|[+-]\\d\\d:\\d\\d) ${hostname()} thumbs\\[${process.pid}\\]: time="`,
    );
    expect(received[0]).toMatch(head);
    expect(received[0]?.trimEnd()).toMatch(LINE);
    expect(received[1]?.startsWith("<3>")).toBe(true);
    expect(received[1]?.length).toBeLessThanOrEqual(60_000);
  });

  test("over TCP, each stack on the line of its error", async () => {
    await using syslog = await startStreamSyslog({ port: 0, host: "127.0.0.1" });
    const { logger, close } = await open({
      IMGPROXY_SYSLOG_NETWORK: "tcp",
      IMGPROXY_SYSLOG_ADDRESS: `127.0.0.1:${syslog.port}`,
    });
    logger.log("info", "hello", { a: 1 });
    logger.log("warn", "second", { stack: "one\ntwo" });
    await close();
    await until(() => syslog.lines().length >= 2);
    expect(syslog.lines()[0]).toMatch(LINE);
    expect(syslog.lines()[1]).toMatch(/^<4>.* imgproxy\[\d+\]: /);
    expect(syslog.lines()).toHaveLength(2);
  });

  test("over a Unix stream", async () => {
    const path = join(folder, "stream");
    await using syslog = await startStreamSyslog({ path });
    const { logger, close } = await open({ IMGPROXY_SYSLOG_NETWORK: "unix", IMGPROXY_SYSLOG_ADDRESS: path });
    logger.log("info", "hello", { a: 1 });
    await close();
    await until(() => syslog.lines().length === 1);
    expect(syslog.lines()[0]).toMatch(/^<6>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d imgproxy\[\d+\]: /);
  });

  test.each([
    ["to a path", { IMGPROXY_SYSLOG_NETWORK: "unixgram" }],
    ["of this machine", {}],
  ])("as Unix datagrams %s", async (_, env) => {
    const path = join(folder, `datagrams-${Object.keys(env).length}`);
    using syslog = listenForNotifications(path);
    const address = Object.keys(env).length > 0 ? { IMGPROXY_SYSLOG_ADDRESS: path } : {};
    const { logger, close } = await open({ ...env, ...address }, [join(folder, "nobody"), path]);
    logger.log("info", "hello", { a: 1 });
    const line = syslog.receive();
    await close();
    expect(line).toMatch(/^<6>[A-Z][a-z]{2} [ \d]\d \d\d:\d\d:\d\d imgproxy\[\d+\]: /);
    expect(line?.trimEnd()).toMatch(LINE);
  });

  test("of this machine as a stream where that is what there is", async () => {
    const path = join(folder, "local-stream");
    await using syslog = await startStreamSyslog({ path });
    const { logger, close } = await open({}, [path]);
    logger.log("info", "hello", { a: 1 });
    await close();
    await until(() => syslog.lines().length === 1);
    expect(syslog.lines()[0]).toMatch(LINE);
  });

  test.each([
    ["", "warn", ["<4>", "<3>", "<3>"]],
    ["debug", "error", ["<7>", "<6>", "<4>", "<3>", "<3>"]],
    ["crit", "debug", ["<3>"]],
  ])("from its own level on: %p beside the log's %s", async (syslogLevel, logLevel, expected) => {
    await using syslog = await startStreamSyslog({ port: 0, host: "127.0.0.1" });
    const { logger, close } = await open({
      IMGPROXY_SYSLOG_NETWORK: "tcp4",
      IMGPROXY_SYSLOG_ADDRESS: `localhost:${syslog.port}`,
      IMGPROXY_SYSLOG_LEVEL: syslogLevel,
      IMGPROXY_LOG_LEVEL: logLevel,
    });
    for (const level of ["debug", "info", "warn", "error", "critical"] as const) logger.log(level, level);
    await close();
    await until(() => syslog.lines().length >= expected.length);
    expect(syslog.lines().map((line) => line.slice(0, 3))).toEqual(expected);
  });
});

test("a syslog that comes back gets what was said meanwhile", async () => {
  let syslog = await startStreamSyslog({ port: 0, host: "127.0.0.1" });
  const { port } = syslog;
  const { logger, close, troubles } = await open({
    IMGPROXY_SYSLOG_NETWORK: "tcp",
    IMGPROXY_SYSLOG_ADDRESS: `127.0.0.1:${port}`,
  });
  logger.log("info", "before");
  await until(() => syslog.lines().length === 1);
  await syslog[Symbol.asyncDispose]();
  await Bun.sleep(50);
  logger.log("info", "between");
  syslog = await startStreamSyslog({ port, host: "127.0.0.1" });
  await until(() => syslog.lines().length === 1);
  expect(syslog.lines()[0]).toEndWith('msg="between"');
  logger.log("info", "after");
  await until(() => syslog.lines().length === 2);
  await close();
  await syslog[Symbol.asyncDispose]();
  expect(troubles.length).toBeLessThanOrEqual(1);
});

test("a syslog that has gone for good cannot fill the memory", async () => {
  const syslog = await startStreamSyslog({ port: 0, host: "127.0.0.1" });
  const { logger, close, troubles } = await open({
    IMGPROXY_SYSLOG_NETWORK: "tcp",
    IMGPROXY_SYSLOG_ADDRESS: `127.0.0.1:${syslog.port}`,
  });
  await syslog[Symbol.asyncDispose]();
  await Bun.sleep(50);
  for (let count = 0; count < 50; count++) logger.log("info", "x".repeat(100_000));
  expect(troubles).toMatchObject([[expect.stringContaining("Lines for syslog are lost"), {}]]);
  await close();
});

describe("a server does not start", () => {
  test.each([
    ["a TCP syslog that nobody is", "tcp", "127.0.0.1:1", "syslog cannot be reached"],
    ["a Unix stream that nobody listens on", "unix", "/no/such/socket", "syslog cannot be reached"],
    ["Unix datagrams that nobody takes", "unixgram", "/no/such/socket", "nobody takes datagrams at /no/such/socket"],
    ["a host without an address", "udp", "no-such-host.invalid:514", "syslog cannot be reached"],
    ["an address without a port", "udp", "127.0.0.1", "the address must be HOST:PORT"],
    ["a port that there is not", "tcp", "127.0.0.1:70000", "the address must be HOST:PORT"],
    ["a network that there is not", "carrier-pigeon", "roof:1", "the network must be"],
  ])("with %s", (_, network, address, message) => {
    const env = { IMGPROXY_SYSLOG_NETWORK: network, IMGPROXY_SYSLOG_ADDRESS: address };
    expect(open(env)).rejects.toThrow(message);
  });

  test("without a syslog on this machine", () => {
    expect(open({}, ["/no/such/log"])).rejects.toThrow("nobody listens at /no/such/log");
  });
});

describe("a syslog line", () => {
  const entry = {
    level: "debug",
    time: new Date(2026, 10, 4, 3, 6, 36),
    tag: "imgproxy",
    pid: 7,
    text: "m\n",
  } as const;

  test("for this machine has the old form of time and no host", () => {
    expect(localSyslogLine(entry)).toBe("<7>Nov  4 03:06:36 imgproxy[7]: m\n");
  });

  test("for another machine has a whole time and the host", () => {
    expect(remoteSyslogLine({ ...entry, level: "critical" }, "web-1")).toMatch(
      /^<3>2026-11-04T03:06:36(Z|[+-]\d\d:\d\d) web-1 imgproxy\[7\]: m\n$/,
    );
  });
});
