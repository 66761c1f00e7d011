import { dlopen, FFIType, ptr } from "bun:ffi";
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createNotifier } from "../../src/native/notify.ts";

const { i32, u32, u64, i64, ptr: pointer } = FFIType;
const libc = dlopen("libc.so.6", {
  socket: { args: [i32, i32, i32], returns: i32 },
  bind: { args: [i32, pointer, u32], returns: i32 },
  recv: { args: [i32, pointer, u64, i32], returns: i64 },
  close: { args: [i32], returns: i32 },
});
const MSG_DONTWAIT = 0x40;
const folder = mkdtempSync(join(tmpdir(), "notify-"));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  libc.close();
});

/** A real datagram socket, as systemd's, and what has arrived on it. */
function listen(path: string) {
  const descriptor = libc.symbols.socket(1, 2, 0);
  const name = Buffer.from(`\x01\x00${path.replace(/^@/, "\0")}`, "latin1");
  expect(libc.symbols.bind(descriptor, ptr(name), name.length)).toBe(0);
  const receive = () => {
    const buffer = Buffer.alloc(512);
    const length = Number(libc.symbols.recv(descriptor, ptr(buffer), BigInt(buffer.length), MSG_DONTWAIT));
    return length < 0 ? undefined : buffer.subarray(0, length).toString();
  };
  return { receive, [Symbol.dispose]: () => void libc.symbols.close(descriptor) };
}

describe("the notifier", () => {
  test.each([
    ["a path", join(folder, "socket")],
    ["an abstract name", `@imgproxy-notify-${process.pid}`],
  ])("sends each state as one datagram to %s", (_, path) => {
    using socket = listen(path);
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
