import type { Config } from "../../../config/config.ts";
import type { Environment } from "../../../config/environment.ts";
import { AppError } from "../../../errors.ts";
import type { OwnProgram } from "../../../native/own-program.ts";
import { mergeMetrics } from "../../../telemetry/merge-metrics.ts";
import type { MetricSnapshot, MetricsRegistry, MetricsSource } from "../../../telemetry/metrics.ts";
import type { Counter, Logger } from "../../../telemetry/types.ts";
import type { Terminal } from "../../command.ts";
import { registerProcessCount } from "../process-count.ts";
import { SERVER_PROCESS_COMMAND } from "./messages.ts";
import { ProcessKeeper } from "./process-keeper.ts";
import { ServerProcess } from "./server-process.ts";

export type GroupParts = {
  readonly config: Config;
  readonly environment: Environment;
  /** What all processes listen on. */
  readonly bind: string;
  readonly program: OwnProgram;
  readonly terminal: Terminal;
  readonly isTerminal: boolean;
  readonly logger: Logger;
  /** Those of this process, which belong to the whole. */
  readonly metrics: MetricsRegistry;
  /** Told when more or fewer processes serve. */
  readonly onChange: () => void;
  /** Told when one of the processes cannot be started any more. */
  readonly onGivenUp: (error: AppError) => void;
};

/** What a process may take to end after its grace time; then it hangs. */
const CLOSING_MS = 5000;
/** What speaks to systemd is the parent. */
const SYSTEMD_VARIABLES = { NOTIFY_SOCKET: undefined, WATCHDOG_USEC: undefined, WATCHDOG_PID: undefined };

/** The processes of a server, kept running. */
export class ProcessGroup implements MetricsSource {
  readonly #parts: GroupParts;
  readonly #keepers: readonly ProcessKeeper[];
  readonly #restarts: Counter;
  /** What the next process that is started works with. */
  #environment: Environment;

  constructor(parts: GroupParts) {
    this.#parts = parts;
    this.#environment = ownSettings(parts.environment);
    this.#restarts = registerProcessCount(parts.metrics, () => this.serving);
    this.#keepers = Array.from({ length: this.size }, (_, at) => this.#keeper(at + 1));
  }

  get size(): number {
    return this.#parts.config.processes;
  }

  /** Processes that serve at the moment. */
  get serving(): number {
    return this.#keepers.filter(({ isServing }) => isServing).length;
  }

  /** Resolves with the address when all of them listen. Throws what kept one of them from it; none runs then. */
  async start(): Promise<string> {
    const starts = await Promise.allSettled(this.#keepers.map((keeper) => keeper.start()));
    for (const start of starts) {
      if (start.status === "fulfilled") continue;
      await this.stop(0);
      throw start.reason;
    }
    return starts.flatMap((start) => (start.status === "fulfilled" ? start.value : []))[0] ?? "";
  }

  /** Gives all processes other settings, and says whether it did: one of them tries them first. */
  async reload(environment: Environment): Promise<boolean> {
    const next = ownSettings(environment);
    const [first, ...others] = this.#keepers.toSorted((one, other) => Number(other.isServing) - Number(one.isServing));
    if (first === undefined || !(await first.reload(next))) return false;
    this.#environment = next;
    // What has worked for one and fails for another is a download that failed; the next process tries it again.
    await Promise.all(others.map(async (keeper) => (await keeper.reload(next)) || keeper.replace()));
    return true;
  }

  /** Resolves when every process that serves has answered. */
  async ping(): Promise<void> {
    await Promise.all(this.#keepers.map((keeper) => keeper.ping()));
  }

  async snapshot(): Promise<readonly MetricSnapshot[]> {
    const all = await Promise.all(this.#keepers.map((keeper) => keeper.metrics()));
    return mergeMetrics([...all.flat(), this.#parts.metrics.snapshot()]);
  }

  /** Lets running requests finish for so long; then the processes end. */
  async stop(graceSeconds: number): Promise<void> {
    const longestMs = graceSeconds * 1000 + CLOSING_MS;
    const inTime = await Promise.all(this.#keepers.map((keeper) => keeper.stop(longestMs)));
    const late = inTime.filter((isInTime) => !isInTime).length;
    if (late > 0) this.#parts.logger.log("error", `${late} of ${this.size} processes hung and were ended`);
  }

  #keeper(index: number): ProcessKeeper {
    const { config, bind, isTerminal, program, terminal, logger, onChange, onGivenUp } = this.#parts;
    const share = { index, processes: config.processes, bind, isTerminal };
    const environment = program.environmentFor(Math.ceil(config.workers / config.processes));
    const [file, ...args] = program.command;
    return new ProcessKeeper({
      index,
      launch: () => new ServerProcess({ command: [file, ...args, SERVER_PROCESS_COMMAND], environment, terminal }),
      startOrder: () => ({ kind: "start", environment: this.#environment, share }),
      logger,
      onChange,
      onRestart: () => this.#restarts.add(1),
      onGivenUp: (error) =>
        onGivenUp(
          new AppError(error.kind, `process ${index} of ${config.processes} cannot be started: ${error.message}`, {
            hint: error.hint ?? "The log has every attempt.",
            cause: error,
          }),
        ),
    });
  }
}

function ownSettings({ variables, ...origins }: Environment): Environment {
  return { ...origins, variables: { ...variables, ...SYSTEMD_VARIABLES } };
}
