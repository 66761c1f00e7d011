import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNotifier } from "../../src/native/notify.ts";
import { listenForNotifications } from "../support/notify-socket.ts";

const folder = mkdtempSync(join(tmpdir(), "notify-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe("the notifier", () => {
  test.each([
    ["a path", join(folder, "socket")],
    ["an abstract name", `@imgproxy-notify-${process.pid}`],
  ])("sends each state as one datagram to %s", (_, path) => {
    using socket = listenForNotifications(path);
    const notify = createNotifier(path);
    notify("READY=1\nSTATUS=serving");
    notify("STOPPING=1");
    expect(socket.receive()).toBe("READY=1\nSTATUS=serving");
    expect(socket.receive()).toBe("STOPPING=1");
    expect(socket.receive()).toBeUndefined();
  });

  test("does nothing where nobody asked or nobody listens", () => {
    for (const path of [undefined, "", "relative", join(folder, "nobody"), `/${"x".repeat(200)}`])
      createNotifier(path)("READY=1");
  });
});
