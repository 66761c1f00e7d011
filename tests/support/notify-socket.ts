import { dlopen, FFIType, ptr } from "bun:ffi";

const { i32, u32, u64, i64, ptr: pointer } = FFIType;
const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const MSG_DONTWAIT = 0x40;
const CLOCK_MONOTONIC = 1;

const { symbols: libc } = dlopen("libc.so.6", {
  socket: { args: [i32, i32, i32], returns: i32 },
  bind: { args: [i32, pointer, u32], returns: i32 },
  recv: { args: [i32, pointer, u64, i32], returns: i64 },
  close: { args: [i32], returns: i32 },
  clock_gettime: { args: [i32, pointer], returns: i32 },
});

/** A real datagram socket in systemd's place, and what arrives on it. */
export function listenForNotifications(path: string) {
  const descriptor = libc.socket(AF_UNIX, SOCK_DGRAM, 0);
  const name = Buffer.from(`\x01\x00${path.replace(/^@/, "\0")}`, "latin1");
  if (libc.bind(descriptor, ptr(name), name.length) !== 0) throw new Error(`cannot listen on ${path}`);
  /** The next datagram, undefined when there is none. */
  const receive = () => {
    const buffer = Buffer.alloc(512);
    const length = Number(libc.recv(descriptor, ptr(buffer), BigInt(buffer.length), MSG_DONTWAIT));
    return length < 0 ? undefined : buffer.subarray(0, length).toString();
  };
  /** The next datagram that is not like this one, which may come any time. */
  const next = async (ignored = "WATCHDOG=1") => {
    for (let tries = 0; tries < 1000; tries++) {
      const state = receive();
      if (state !== undefined && state !== ignored) return state;
      if (state === undefined) await Bun.sleep(10);
    }
    throw new Error("nothing was sent for ten seconds");
  };
  return { receive, next, [Symbol.dispose]: () => void libc.close(descriptor) };
}

/** CLOCK_MONOTONIC, as systemd reads it. */
export function systemMicroseconds(): bigint {
  const time = new BigInt64Array(2);
  libc.clock_gettime(CLOCK_MONOTONIC, ptr(time));
  return (time[0] ?? 0n) * 1_000_000n + (time[1] ?? 0n) / 1000n;
}
