import { addressOf } from "./foreign-functions.ts";
import { bindLibc } from "./libc.ts";

const AF_UNIX = 1;
const SOCK_DGRAM = 2;
const SOCK_CLOEXEC = 0o2000000;
const MSG_DONTWAIT = 0x40;
/** Size of `sun_path`. */
const MAX_SOCKET_PATH_BYTES = 108;

/** A socket for datagrams to one path. */
export type UnixDatagramSocket = {
  /** Whether the other side took it. `canWait`: rather hold everything up than lose it. */
  send(message: Uint8Array, canWait?: boolean): boolean;
  close(): void;
};

export type UnixDatagrams = {
  /**
   * A socket that sends to a path, or to an abstract name written with `@`; undefined for a path that is too long. Whoever listens
   * there may come later and go: the path is looked up with every datagram.
   */
  open(path: string): UnixDatagramSocket | undefined;
  /** Whether somebody listens for datagrams there at the moment. */
  isListening(path: string): boolean;
};

/** Unix datagram sockets, which JavaScript runtimes do not have, through the C library; undefined where that is not possible. */
export function bindUnixDatagrams(): UnixDatagrams | undefined {
  if (process.platform !== "linux") return undefined;
  const socket = bindLibc("socket");
  const sendto = bindLibc("sendto");
  const connect = bindLibc("connect");
  const close = bindLibc("close");
  if (!socket || !sendto || !connect || !close) return undefined;
  const openSocket = () => socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  return {
    open(path) {
      const address = socketAddress(path);
      const descriptor = address === undefined ? -1 : openSocket();
      if (address === undefined || descriptor < 0) return undefined;
      return {
        send(message, canWait = false) {
          const flags = canWait ? 0 : MSG_DONTWAIT;
          const length = BigInt(message.length);
          return sendto(descriptor, addressOf(message), length, flags, addressOf(address), address.length) >= 0;
        },
        close: () => void close(descriptor),
      };
    },
    isListening(path) {
      const address = socketAddress(path);
      const descriptor = address === undefined ? -1 : openSocket();
      if (address === undefined || descriptor < 0) return false;
      const isConnected = connect(descriptor, addressOf(address), address.length) === 0;
      close(descriptor);
      return isConnected;
    },
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
