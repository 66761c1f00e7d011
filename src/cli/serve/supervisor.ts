import type { Variables } from "../../config/environment.ts";
import { monotonicMicroseconds } from "../../native/monotonic-clock.ts";
import { createNotifier } from "../../native/notify.ts";

/** What tells systemd about the life of a server. Every call does nothing where systemd has not asked for it. */
export type Supervisor = {
  /** It serves from now on, and a watchdog is told so regularly until it has stopped. `where` is for people. */
  started(where: string): void;
  /** A line for people. */
  status(text: string): void;
  reloading(): void;
  reloaded(): void;
  /** It needs no longer than so many seconds, and a little, to end. */
  stopping(graceSeconds: number): void;
  stopped(): void;
};

/** What closing sources and codecs takes after the last answer, generously. */
const CLOSING_SECONDS = 10;

/**
 * Speaks systemd's notify protocol, as the unit's NOTIFY_SOCKET and WATCHDOG_USEC ask for. With `isAlive` a sign of life is given
 * only when that resolves. Source: sd_notify(3), sd_watchdog_enabled(3).
 */
export function createSupervisor(variables: Variables, isAlive?: () => Promise<void>): Supervisor {
  const notify = createNotifier(variables["NOTIFY_SOCKET"]);
  let heartbeat: NodeJS.Timeout | undefined;
  return {
    started(where) {
      notify(`READY=1\nSTATUS=serving at ${where}`);
      const beat = () => notify("WATCHDOG=1");
      heartbeat = startHeartbeat(isAlive === undefined ? beat : () => void isAlive().then(beat), variables);
    },
    status(text) {
      notify(`STATUS=${text}`);
    },
    reloading() {
      const now = monotonicMicroseconds();
      notify(now === undefined ? "RELOADING=1" : `RELOADING=1\nMONOTONIC_USEC=${now}`);
    },
    reloaded() {
      notify("READY=1");
    },
    stopping(graceSeconds) {
      // Whatever TimeoutStopSec= says, requests get the time that the configuration promises them.
      notify(`STOPPING=1\nEXTEND_TIMEOUT_USEC=${(graceSeconds + CLOSING_SECONDS) * 1_000_000}`);
    },
    stopped() {
      clearInterval(heartbeat);
    },
  };
}

/**
 * Sign of life for `WatchdogSec=`, twice in the time after which systemd restarts the unit. It comes from the event loop, as
 * every answer does: when that hangs, nothing is sent. It goes on while the server drains, which systemd watches, too.
 */
function startHeartbeat(beat: () => void, variables: Variables): NodeJS.Timeout | undefined {
  const intervalMs = Number(variables["WATCHDOG_USEC"]) / 2000;
  const isForUs = [undefined, "", String(process.pid)].includes(variables["WATCHDOG_PID"]);
  return intervalMs > 0 && isForUs ? setInterval(beat, intervalMs) : undefined;
}
