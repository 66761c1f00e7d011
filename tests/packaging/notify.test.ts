import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../support/executable.ts";
import { listenForNotifications, systemMicroseconds } from "../support/notify-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "imgproxy-notify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the executable tells systemd that it serves, lives, reloads and stops", async () => {
  const NOTIFY_SOCKET = join(folder, "notify");
  using socket = listenForNotifications(NOTIFY_SOCKET);
  const env = { NOTIFY_SOCKET, WATCHDOG_USEC: "200000", IMGPROXY_GRACEFUL_STOP_TIMEOUT: "7" };
  await using server = await startServer({ env });
  expect(await socket.next()).toBe(`READY=1\nSTATUS=serving at ${server.url}`);
  expect(await socket.next("")).toBe("WATCHDOG=1");
  const before = systemMicroseconds();
  server.process.kill("SIGHUP");
  const [reloading, time = "0"] = (await socket.next()).split("\nMONOTONIC_USEC=");
  expect(reloading).toBe("RELOADING=1");
  expect(BigInt(time) >= before && BigInt(time) <= systemMicroseconds()).toBe(true);
  expect(await socket.next()).toBe("READY=1");
  const stopped = server.stop();
  expect(await socket.next()).toBe("STOPPING=1\nEXTEND_TIMEOUT_USEC=17000000");
  expect(await stopped).toBe(0);
});

test("the executable says READY=1 only once it answers, and never when it cannot start", async () => {
  const NOTIFY_SOCKET = join(folder, "refused");
  using socket = listenForNotifications(NOTIFY_SOCKET);
  const started = startServer({ env: { NOTIFY_SOCKET, IMGPROXY_BIND: "203.0.113.1:1" } });
  await expect(started).rejects.toThrow("cannot listen on 203.0.113.1:1");
  expect(socket.receive()).toBeUndefined();
});

test("a secret of the credentials folder is in force, and a reload takes a new one", async () => {
  const credentials = join(folder, "credentials");
  mkdirSync(credentials);
  const write = (secret: string) => writeFileSync(join(credentials, "IMGPROXY_SECRET"), `${secret}\n`);
  write("first");
  await using server = await startServer({ env: { CREDENTIALS_DIRECTORY: credentials } });
  const statusWith = async (secret: string) => {
    const headers = { Authorization: `Bearer ${secret}` };
    return (await fetch(`${server.url}/unsafe/plain/local:///none.png`, { headers })).status;
  };
  expect([await statusWith("first"), await statusWith("second")]).toEqual([404, 403]);
  write("second");
  server.process.kill("SIGHUP");
  for (let tries = 0; tries < 200 && !server.log().includes("Reloaded"); tries++) await Bun.sleep(10);
  expect([await statusWith("first"), await statusWith("second")]).toEqual([403, 404]);
});
