import { bindUnixDatagrams } from "./unix-datagram.ts";

/** Tells systemd how we are. Every call is a line or more of its protocol, e.g. `READY=1`. */
export type Notifier = (state: string) => void;

/**
 * The notify protocol of `Type=notify` units: one datagram to the socket that `NOTIFY_SOCKET` names (a path, or an
 * abstract name written with `@`). A notifier that does nothing where nobody listens. Source: sd_notify(3).
 */
export function createNotifier(socketPath: string | undefined): Notifier {
  if (!socketPath || !/^[/@]/.test(socketPath)) return () => undefined;
  const datagrams = bindUnixDatagrams();
  return (state) => {
    const socket = datagrams?.open(socketPath);
    socket?.send(Buffer.from(state), true);
    socket?.close();
  };
}
