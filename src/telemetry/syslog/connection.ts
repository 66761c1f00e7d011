import { AppError, messageOf } from "../../errors.ts";
import { type IpFamily, openUdp } from "../udp.ts";
import { datagramOf } from "./datagram-text.ts";
import { openStream } from "./stream.ts";

/** A way to a syslog that has been reached. */
export type SyslogConnection = {
  /** Whether lines go to this machine, and so need not say from which they come. */
  readonly isLocal: boolean;
  /** Never throws and never waits; what cannot be taken in time is lost. */
  send(line: string): void;
  close(): Promise<void> | void;
};

/** Sends datagrams to Unix sockets; the part of `native/` that is needed here. */
export type DatagramSockets = {
  open(path: string): { send(message: Uint8Array): boolean; close(): void } | undefined;
  isListening(path: string): boolean;
};

export type SyslogAddress = {
  /** As Go names networks; empty for this machine. */
  readonly network: string;
  readonly address: string;
};

export type SyslogParts = {
  /** Undefined where the system has none for us. */
  readonly datagrams: DatagramSockets | undefined;
  /** Hears of lines that are lost. */
  readonly onTrouble: (error: Error) => void;
  /** Where a syslog of this machine may listen. */
  readonly localPaths?: readonly string[];
};

/** Where Go's log/syslog looks. */
const LOCAL_PATHS = ["/dev/log", "/var/run/syslog", "/var/run/log"];

/** Reaches a syslog. Throws `AppError("config")` when that fails: a server whose log is lost should not start. */
export async function openSyslog({ network, address }: SyslogAddress, parts: SyslogParts): Promise<SyslogConnection> {
  if (network === "") return openLocal(parts);
  const what = `IMGPROXY_SYSLOG_NETWORK=${network}, IMGPROXY_SYSLOG_ADDRESS=${address}`;
  try {
    switch (network) {
      case "udp":
      case "udp4":
      case "udp6":
        return await openDatagramsOverUdp(address, network, parts.onTrouble);
      case "tcp":
      case "tcp4":
      case "tcp6":
        return await openStream({ ...hostAndPort(address), family: familyOf(network) }, parts.onTrouble);
      case "unix":
        return await openStream({ path: address }, parts.onTrouble);
      case "unixgram":
        return openDatagram(address, parts) ?? fail(`nobody takes datagrams at ${address}`);
      default:
        return fail("the network must be udp, tcp (both also with 4 or 6 at the end), unix or unixgram, or blank");
    }
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("config", `syslog cannot be reached (${what}): ${reason}`, { cause });
  }
}

/** Datagrams first, then a stream, wherever there is one. */
async function openLocal(parts: SyslogParts): Promise<SyslogConnection> {
  const paths = parts.localPaths ?? LOCAL_PATHS;
  for (const path of paths) {
    const connection = openDatagram(path, parts);
    if (connection !== undefined) return connection;
  }
  for (const path of paths) {
    const connection = await openStream({ path }, parts.onTrouble).catch(() => undefined);
    if (connection !== undefined) return connection;
  }
  throw new AppError("config", `syslog cannot be reached: nobody listens at ${paths.join(", ")}`, {
    hint: "Set IMGPROXY_SYSLOG_NETWORK and IMGPROXY_SYSLOG_ADDRESS, or turn IMGPROXY_SYSLOG_ENABLE off.",
  });
}

function openDatagram(path: string, { datagrams, onTrouble }: SyslogParts): SyslogConnection | undefined {
  if (!datagrams?.isListening(path)) return undefined;
  const socket = datagrams.open(path);
  if (socket === undefined) return undefined;
  return {
    isLocal: true,
    send(line) {
      if (!socket.send(datagramOf(line))) onTrouble(new Error(`${path} takes no datagrams at the moment`));
    },
    close: () => socket.close(),
  };
}

async function openDatagramsOverUdp(
  address: string,
  network: string,
  onTrouble: (error: Error) => void,
): Promise<SyslogConnection> {
  const udp = await openUdp(hostAndPort(address), familyOf(network), onTrouble);
  return { isLocal: false, send: (line) => udp.send(datagramOf(line)), close: () => udp.close() };
}

/** By the digit that a network's name may end with. */
function familyOf(network: string): IpFamily {
  if (network.endsWith("4")) return 4;
  return network.endsWith("6") ? 6 : 0;
}

function hostAndPort(address: string): { readonly host: string; readonly port: number } {
  const [, bracketed, bare, port] = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(address) ?? [];
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535) fail("the address must be HOST:PORT");
  return { host: bracketed || bare || "localhost", port: Number(port) };
}

function fail(reason: string): never {
  throw new Error(reason);
}
