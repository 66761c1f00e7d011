import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";
import type { SyslogConnection } from "./connection.ts";
import { datagramOf } from "./datagram-text.ts";

export type UdpAddress = { readonly host: string; readonly port: number };

/** Reaches a syslog over UDP, as far as that can be said of UDP. Rejects when the host has no address. */
export async function openUdp(
  { host, port }: UdpAddress,
  network: "udp" | "udp4" | "udp6",
  onTrouble: (error: Error) => void,
): Promise<SyslogConnection> {
  const family = network === "udp" ? 0 : network === "udp4" ? 4 : 6;
  const resolved = await lookup(host, { family });
  const socket = createSocket(resolved.family === 6 ? "udp6" : "udp4");
  socket.on("error", onTrouble);
  await new Promise<void>((resolve, reject) => {
    socket.once("error", reject);
    socket.connect(port, resolved.address, () => {
      socket.off("error", reject);
      resolve();
    });
  });
  socket.unref();
  return {
    isLocal: false,
    send: (line) => socket.send(datagramOf(line), (error) => error && onTrouble(error)),
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}
