import { setTimeout as sleep } from "node:timers/promises";
import type { Environment } from "../../../config/environment.ts";
import { type AppError, messageOf, toAppError } from "../../../errors.ts";
import { grownMetrics, mergeMetrics, type ProcessMetrics } from "../../../telemetry/merge-metrics.ts";
import type { Logger } from "../../../telemetry/types.ts";
import type { Order } from "./messages.ts";
import { RestartPace } from "./restart-pace.ts";
import type { ServerProcess } from "./server-process.ts";

export type KeeperParts = {
  /** The number of the process among its like. */
  readonly index: number;
  readonly launch: () => ServerProcess;
  /** What a new process is told. */
  readonly startOrder: () => Extract<Order, { readonly kind: "start" }>;
  readonly logger: Logger;
  /** Told when the process serves again or no longer. */
  readonly onChange: () => void;
  /** Told of every further process that serves. */
  readonly onRestart: () => void;
  /** Told when it cannot be started any more. */
  readonly onGivenUp: (error: AppError) => void;
  readonly pace?: Pick<RestartPace, "delayAfter">;
  /** See PULSE_MS. */
  readonly pulseMs?: number;
};

/** Longest that a start may take; images of the configuration are loaded in it. */
const START_TIMEOUT_MS = 60_000;
/** A process that is too busy to answer in this time is described by what it said last. */
const METRICS_TIMEOUT_MS = 2000;

/**
 * So often a process has to show that its event loop turns. One that does not hangs with every connection that the system gives it,
 * while the others look well from outside; that is found out before systemd, with its 30 seconds, takes the whole server for dead.
 */
const PULSE_MS = 5000;
const MOST_MISSED = 3;

/**
 * Keeps one process of a server running: starts it, starts it anew when it dies or hangs, and remembers what it and those before it
 * counted.
 */
export class ProcessKeeper {
  readonly #parts: KeeperParts;
  readonly #pace: Pick<RestartPace, "delayAfter">;
  readonly #stopping = new AbortController();
  #process: ServerProcess | undefined;
  #isServing = false;
  #watch: Promise<void> = Promise.resolve();
  #ping: Promise<void> | undefined;
  /** What processes that have ended counted. */
  #before: ProcessMetrics = [];
  #last: ProcessMetrics = [];

  constructor(parts: KeeperParts) {
    this.#parts = parts;
    this.#pace = parts.pace ?? new RestartPace();
  }

  get isServing(): boolean {
    return this.#isServing;
  }

  /** Resolves with its address when it serves, and watches over it from then on. Throws the `AppError` that it failed with. */
  async start(): Promise<string> {
    const { process, url } = await this.#launch();
    this.#watch = this.#keep(process);
    return url;
  }

  /** Whether the process works with other settings from now on. True where there is none: the next one will. */
  async reload(environment: Environment): Promise<boolean> {
    if (this.#process === undefined || !this.#isServing) return true;
    return this.#process.ask({ kind: "reload", environment }).catch(() => false);
  }

  /** Lets the process finish what it has begun and starts another one. */
  async replace(): Promise<void> {
    await this.#process?.ask({ kind: "stop" }).catch(() => undefined);
  }

  /** Everything counted so far. */
  async metrics(): Promise<readonly ProcessMetrics[]> {
    if (this.#isServing && this.#process !== undefined) {
      const asked = this.#process.ask({ kind: "metrics" }, AbortSignal.timeout(METRICS_TIMEOUT_MS));
      this.#last = await asked.catch(() => this.#last);
    }
    return [this.#before, this.#last];
  }

  /** Resolves when its event loop turns; at once where there is no process to ask. */
  ping(): Promise<void> {
    if (this.#process === undefined || !this.#isServing) return Promise.resolve();
    this.#ping ??= this.#process.ask({ kind: "ping" }).then(
      () => this.#forgetPing(),
      () => this.#forgetPing(),
    );
    return this.#ping;
  }

  /** Lets running requests finish, and ends the process if that takes longer than it may. False = it had to be ended. */
  async stop(longestMs: number): Promise<boolean> {
    this.#stopping.abort();
    const process = this.#process;
    if (process === undefined) return true;
    const stopped = process.ask({ kind: "stop" }).then(
      (metrics) => {
        this.#last = metrics;
      },
      () => undefined,
    );
    const inTime = new AbortController();
    const isLate = sleep(longestMs, true, { signal: inTime.signal }).catch(() => false);
    const hasEnded = stopped.then(() => process.ended).then(() => false);
    const mustEnd = await Promise.race([isLate, hasEnded]);
    inTime.abort();
    if (mustEnd) process.kill();
    await process.ended;
    await this.#watch;
    return !mustEnd;
  }

  #forgetPing(): void {
    this.#ping = undefined;
  }

  async #launch() {
    const process = this.#parts.launch();
    this.#process = process;
    try {
      const order = this.#parts.startOrder();
      const { url } = await process.ask(order, AbortSignal.timeout(START_TIMEOUT_MS));
      this.#setServing(true);
      return { process, url };
    } catch (error) {
      process.kill();
      await process.ended;
      this.#process = undefined;
      throw toAppError(error);
    }
  }

  async #keep(first: ServerProcess): Promise<void> {
    for (let process: ServerProcess | undefined = first; process !== undefined; ) {
      const since = performance.now();
      const pulse = this.#watchPulse(process);
      const ending = await process.ended;
      clearInterval(pulse);
      this.#process = undefined;
      this.#before = grownMetrics(mergeMetrics([this.#before, this.#last]));
      this.#last = [];
      this.#setServing(false);
      if (this.#stopping.signal.aborted) return;
      const { index, logger } = this.#parts;
      logger.log("error", `Process ${index} ended and is started anew`, { pid: process.pid, ending });
      process = await this.#restart(performance.now() - since);
    }
  }

  #watchPulse(process: ServerProcess): NodeJS.Timeout {
    const { index, logger, pulseMs = PULSE_MS } = this.#parts;
    let hasAnswered = true;
    let missed = 0;
    const onPulse = () => {
      missed = hasAnswered ? 0 : missed + 1;
      if (missed >= MOST_MISSED) {
        logger.log("error", `Process ${index} hangs and is ended`, { pid: process.pid });
        process.kill();
      } else if (hasAnswered) {
        hasAnswered = false;
        void this.ping().then(() => {
          hasAnswered = true;
        });
      }
    };
    return setInterval(onPulse, pulseMs);
  }

  /** Another process; undefined when there is not to be one. */
  async #restart(livedMs: number): Promise<ServerProcess | undefined> {
    const { index, logger, onRestart, onGivenUp } = this.#parts;
    const { signal } = this.#stopping;
    let failure: AppError | undefined;
    let delayMs = this.#pace.delayAfter({ hasServed: true, livedMs });
    while (delayMs !== undefined) {
      await sleep(delayMs, undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return undefined;
      try {
        const { process } = await this.#launch();
        onRestart();
        logger.log("info", `Process ${index} serves again`, { pid: process.pid });
        return process;
      } catch (error) {
        failure = toAppError(error);
        if (!signal.aborted) logger.log("error", `Process ${index} cannot be started`, { error: messageOf(error) });
      }
      delayMs = this.#pace.delayAfter({ hasServed: false, livedMs: 0 });
    }
    if (failure !== undefined) onGivenUp(failure);
    return undefined;
  }

  #setServing(isServing: boolean): void {
    if (this.#isServing === isServing) return;
    this.#isServing = isServing;
    this.#parts.onChange();
  }
}
