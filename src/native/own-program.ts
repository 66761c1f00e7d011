import { fileURLToPath } from "node:url";
import { BUILD_INFO } from "./build-info.ts";
import { nativeJobs, TUNED_MARK } from "./tuning.ts";

type Variables = Readonly<Record<string, string | undefined>>;

/** How this program is started again. */
export type OwnProgram = {
  /** Program and arguments, to which further ones may be added. */
  readonly command: readonly [string, ...string[]];
  /** The environment as this process was given it, with as many native jobs as fit so many workers unless the user has set that. */
  environmentFor(workers: number): Record<string, string>;
};

/** What speaks to systemd is this process. */
const OWN_VARIABLES = ["NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"];

/** To be called before anything is added to the environment: what comes from files and stores is not for others to see. */
export function describeOwnProgram(env: Variables = process.env): OwnProgram {
  const given = Object.entries(env).flatMap(([name, value]) =>
    value === undefined || OWN_VARIABLES.includes(name) ? [] : [[name, value] as const],
  );
  const isChosenByUs = env[TUNED_MARK]?.split(",").includes("UV_THREADPOOL_SIZE") ?? false;
  const isFree = isChosenByUs || env["UV_THREADPOOL_SIZE"] === undefined;
  return {
    command: BUILD_INFO.isCompiled ? [process.execPath] : [process.execPath, mainFile()],
    environmentFor: (workers) => ({
      ...Object.fromEntries(given),
      ...(isFree ? { UV_THREADPOOL_SIZE: nativeJobs(workers) } : {}),
    }),
  };
}

function mainFile(): string {
  return fileURLToPath(new URL("../main.ts", import.meta.url));
}
