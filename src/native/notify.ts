import { addressOf } from "./foreign-functions.ts";
import { bindLibc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
/** Size of `sun_path`. */
const MAX_SOCKET_PATH_BYTES = 108;

/** Tells systemd how we are. Every call is a line or more of its protocol, e.g. `READY=1`. */
export type Notifier = (state: string) => void;

/**
 * The notify protocol of `Type=notify` units: one datagram to the socket that `NOTIFY_SOCKET` names (a path, or an
 * abstract name written with `@`). A notifier that does nothing where nobody listens.
 * Source: sd_notify(3). JavaScript runtimes have no Unix datagram sockets, hence the C library.
 */
export function createNotifier(socketPath: string | undefined): Notifier {
  if (process.platform !== "linux" || !socketPath || !/^[/@]/.test(socketPath)) return () => undefined;
  const socket = bindLibc("socket");
  const sendto = bindLibc("sendto");
  const close = bindLibc("close");
  const address = socketAddress(socketPath);
  if (!socket || !sendto || !close || address === undefined) return () => undefined;
  return (state) => {
    const descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (descriptor < 0) return;
    try {
      const message = Buffer.from(state);
      sendto(descriptor, addressOf(message), BigInt(message.length), 0, addressOf(address), address.length);
    } finally {
      close(descriptor);
    }
  };
}

/** `struct sockaddr_un`: the family, then the path; an abstract name begins with a zero byte. */
function socketAddress(path: string): Buffer | undefined {
  const name = Buffer.from(path);
  if (name.length >= MAX_SOCKET_PATH_BYTES) return undefined;
  const isAbstract = path.startsWith("@");
  if (isAbstract) name[0] = 0;
  const address = Buffer.alloc(2 + name.length + (isAbstract ? 0 : 1));
  address.writeUInt16LE(AF_UNIX, 0);
  name.copy(address, 2);
  return address;
}
