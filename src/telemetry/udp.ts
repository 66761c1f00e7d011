import { createSocket } from "node:dgram";
import { lookup } from "node:dns/promises";

export type UdpAddress = { readonly host: string; readonly port: number };

/** 0 = either. */
export type IpFamily = 0 | 4 | 6;

/** Sends datagrams to one address. */
export type UdpSender = {
  /** Never throws and never waits. */
  send(message: Uint8Array): void;
  /** After what was sent has gone out. */
  close(): Promise<void>;
};

/** Opens a way to an address, as far as that can be said of UDP. Rejects when the host has no address. */
export async function openUdp(
  { host, port }: UdpAddress,
  family: IpFamily,
  onTrouble: (error: Error) => void,
): Promise<UdpSender> {
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
  // It keeps nothing alive that has come to its end.
  socket.unref();
  return {
    send: (message) => socket.send(message, (error) => error && onTrouble(error)),
    close: () => new Promise<void>((resolve) => socket.close(() => resolve())),
  };
}
