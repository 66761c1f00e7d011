import { describeOwnProgram } from "../../native/own-program.ts";
import type { RunningServer } from "./server.ts";
import { readSettings, type ServerInput } from "./settings.ts";

/** Starts the server as one process or as several, as IMGPROXY_PROCESSES says. Throws what keeps it from serving. */
export async function startConfigured(input: ServerInput): Promise<RunningServer> {
  const program = describeOwnProgram();
  const settings = await readSettings(input);
  // A parent of processes needs nothing that makes images, and a server none of what keeps processes.
  if (settings.config.processes > 1) {
    const { startProcessGroup } = await import("./processes/start-group.ts");
    return startProcessGroup(input, settings, program);
  }
  const { startServer } = await import("./server.ts");
  return startServer(input, settings);
}
