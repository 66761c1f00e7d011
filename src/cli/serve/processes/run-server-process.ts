import type { Environment } from "../../../config/environment.ts";
import { AppError, toAppError } from "../../../errors.ts";
import type { Terminal } from "../../command.ts";
import { type RunningServer, startServer } from "../server.ts";
import { type Answers, type Order, type OrderMessage, type ReplyMessage, SERVER_PROCESS_COMMAND } from "./messages.ts";

/**
 * One process of a server with several: does what its parent asks over the channel between them, and ends when it is told to, by
 * SIGTERM or SIGINT, or when the parent is gone. It then lets running requests finish. Returns the exit status.
 */
export async function runServerProcess(terminal: Terminal): Promise<number> {
  if (process.send === undefined)
    throw new AppError("usage", `${SERVER_PROCESS_COMMAND} is started by imgproxy serve, with IMGPROXY_PROCESSES`);
  const served = new ServedShare(terminal);
  const stop = () => void served.stop();
  process.on("SIGTERM", stop);
  process.on("SIGINT", stop);
  // The parent reloads all at once; one that came here alone, from a terminal that closes, would end the process.
  process.on("SIGHUP", () => undefined);
  process.once("disconnect", stop);
  // What it writes goes to the parent, whose end must not cut the requests that are running.
  process.stdout.on("error", () => undefined);
  process.stderr.on("error", () => undefined);
  // Nobody else has the other end of the channel.
  process.on("message", (message) => void answer(served, message as OrderMessage));
  return served.ended;
}

async function answer(served: ServedShare, { id, order }: OrderMessage): Promise<void> {
  try {
    await send({ id, answer: await served.carryOut(order) });
  } catch (thrown) {
    const { kind, message, hint } = toAppError(thrown);
    await send({ id, failure: { kind, message, hint } });
  }
  if (order.kind === "stop" || served.hasFailed) served.end();
}

/** A parent that is gone needs no answer. */
function send(message: ReplyMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) resolve();
    else process.send(message, undefined, undefined, () => resolve());
  });
}

/** The server of this process, from its start to its end. */
class ServedShare {
  readonly #terminal: Terminal;
  readonly #ended = Promise.withResolvers<number>();
  #environment: Environment | undefined;
  #server: Promise<RunningServer> | undefined;
  #stopped: Promise<void> | undefined;
  #hasFailed = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The exit status, when everything is done. */
  get ended(): Promise<number> {
    return this.#ended.promise;
  }

  /** Whether it could not be started. */
  get hasFailed(): boolean {
    return this.#hasFailed;
  }

  async carryOut(order: Order): Promise<Answers[Order["kind"]]> {
    switch (order.kind) {
      case "start":
        return { url: (await this.#start(order)).url };
      case "reload":
        this.#environment = order.environment;
        return (await this.#running()).reload();
      case "metrics":
        return (await this.#running()).metrics.snapshot();
      case "ping":
        return true;
      case "stop":
        await this.#drain();
        return (await this.#running()).metrics.snapshot();
    }
  }

  /** Lets running requests finish and ends the process. */
  async stop(): Promise<void> {
    await this.#drain();
    this.end();
  }

  end(): void {
    this.#ended.resolve(this.#hasFailed ? 1 : 0);
  }

  #drain(): Promise<void> {
    this.#stopped ??= (async () => {
      // One that has failed to start has nothing to finish, and has said so.
      await (await this.#server?.catch(() => undefined))?.stop();
    })();
    return this.#stopped;
  }

  async #start({ environment, share }: Extract<Order, { readonly kind: "start" }>): Promise<RunningServer> {
    this.#environment = environment;
    const readEnvironment = () => this.#environment ?? environment;
    this.#server = startServer({ readEnvironment, terminal: this.#terminal, share });
    try {
      return await this.#server;
    } catch (error) {
      this.#hasFailed = true;
      throw error;
    }
  }

  async #running(): Promise<RunningServer> {
    if (this.#server === undefined) throw new AppError("internal", "the process was not told to start");
    return await this.#server;
  }
}
