import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createSupervisor } from "../../../src/cli/serve/supervisor.ts";
import { listenForNotifications, systemMicroseconds } from "../../support/notify-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "supervisor-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let sockets = 0;
const socketPath = () => join(folder, String(sockets++));
/** The watchdog of these tests: a sign of life every 20 ms. */
const WATCHDOG_USEC = "40000";

function drain(socket: ReturnType<typeof listenForNotifications>): string[] {
  const states: string[] = [];
  for (let state = socket.receive(); state !== undefined; state = socket.receive()) states.push(state);
  return states;
}

describe("systemd hears of a server", () => {
  test("that starts, reloads and stops", () => {
    const path = socketPath();
    using socket = listenForNotifications(path);
    const supervisor = createSupervisor({ NOTIFY_SOCKET: path });
    supervisor.started("http://localhost:8080");
    const before = systemMicroseconds();
    supervisor.reloading();
    const after = systemMicroseconds();
    supervisor.reloaded();
    supervisor.stopping(20);
    supervisor.stopped();
    const [started, reloading, ...rest] = drain(socket);
    expect(started).toBe("READY=1\nSTATUS=serving at http://localhost:8080");
    const time = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(reloading ?? "")?.[1] ?? "0";
    expect(BigInt(time) >= before && BigInt(time) <= after).toBe(true);
    expect(rest).toEqual(["READY=1", "STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000"]);
  });

  test("regularly, from its start until it has stopped", async () => {
    const path = socketPath();
    using socket = listenForNotifications(path);
    const supervisor = createSupervisor({ NOTIFY_SOCKET: path, WATCHDOG_USEC, WATCHDOG_PID: String(process.pid) });
    await Bun.sleep(50);
    expect(drain(socket)).toEqual([]);
    supervisor.started("x");
    supervisor.stopping(20);
    for (let beats = 0; beats < 3; beats++) expect(await socket.next("")).toMatch(/READY|STOPPING|WATCHDOG=1/);
    supervisor.stopped();
    drain(socket);
    await Bun.sleep(60);
    expect(drain(socket)).toEqual([]);
  });

  test("nothing while its event loop hangs", async () => {
    const path = socketPath();
    using socket = listenForNotifications(path);
    const supervisor = createSupervisor({ NOTIFY_SOCKET: path, WATCHDOG_USEC });
    supervisor.started("x");
    await Bun.sleep(50);
    expect(drain(socket)).toContain("WATCHDOG=1");
    const until = performance.now() + 200;
    while (performance.now() < until);
    expect(drain(socket)).toEqual([]);
    await Bun.sleep(50);
    expect(drain(socket)).toContain("WATCHDOG=1");
    supervisor.stopped();
  });

  test("nothing while those for whom it speaks do not answer, and what they do in words", async () => {
    const path = socketPath();
    using socket = listenForNotifications(path);
    let answer = Promise.withResolvers<void>();
    const supervisor = createSupervisor({ NOTIFY_SOCKET: path, WATCHDOG_USEC }, () => answer.promise);
    supervisor.started("x with 2 processes");
    supervisor.status("1 of 2");
    await Bun.sleep(60);
    expect(drain(socket)).toEqual(["READY=1\nSTATUS=serving at x with 2 processes", "STATUS=1 of 2"]);
    answer.resolve();
    expect(await socket.next("")).toBe("WATCHDOG=1");
    answer = Promise.withResolvers<void>();
    await Bun.sleep(20);
    drain(socket);
    await Bun.sleep(60);
    expect(drain(socket)).toEqual([]);
    supervisor.stopped();
  });

  test.each([
    ["no watchdog is asked for", {}],
    ["it is meant for another process", { WATCHDOG_USEC, WATCHDOG_PID: "1" }],
    ["its time is no number", { WATCHDOG_USEC: "often" }],
  ])("no sign of life where %s", async (_, variables: Record<string, string>) => {
    const path = socketPath();
    using socket = listenForNotifications(path);
    const supervisor = createSupervisor({ NOTIFY_SOCKET: path, ...variables });
    supervisor.started("x");
    await Bun.sleep(60);
    supervisor.stopped();
    expect(drain(socket)).toHaveLength(1);
  });
});
