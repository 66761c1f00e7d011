import type { Terminal } from "../command.ts";
import type { RunningServer } from "./server.ts";

/** Runs until SIGTERM or SIGINT; SIGHUP reloads. Further signals while it stops change nothing. */
export function untilStopped(server: RunningServer, terminal: Terminal): Promise<void> {
  return new Promise((resolve) => {
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
