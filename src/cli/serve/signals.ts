import type { Terminal } from "../command.ts";
import type { RunningServer } from "./server.ts";

/** Runs until SIGTERM or SIGINT; SIGHUP reloads. Further signals while it stops change nothing. Throws what the server fails with. */
export function untilStopped(server: RunningServer, terminal: Terminal): Promise<void> {
  return new Promise((resolve, reject) => {
    server.failed?.catch(reject);
    const onReload = () => void server.reload();
    const onStop = () => {
      process.off("SIGHUP", onReload);
      if (terminal.isInteractive) terminal.err("\nstopping, Ctrl-C again changes nothing\n");
      resolve();
    };
    let isStopping = false;
    const stopOnce = () => {
      if (isStopping) return;
      isStopping = true;
      onStop();
    };
    // The handlers stay: without them a second signal would end the process in the middle of an answer.
    process.on("SIGTERM", stopOnce);
    process.on("SIGINT", stopOnce);
    process.on("SIGHUP", onReload);
  });
}

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;

/**
 * Holds signals back while a server starts that partly answers already, so that others may take it for started. The function that
 * comes back gives them to those who listen for them in the same turn of the event loop.
 */
export function holdSignals(): () => void {
  const held: (typeof SIGNALS)[number][] = [];
  const hold = (signal: NodeJS.Signals) => void held.push(...SIGNALS.filter((known) => known === signal));
  for (const signal of SIGNALS) process.on(signal, hold);
  return () => {
    setImmediate(() => {
      for (const signal of SIGNALS) process.off(signal, hold);
      for (const signal of held) process.emit(signal, signal);
    });
  };
}
