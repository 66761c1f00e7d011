import { type ChildProcess, spawn } from "node:child_process";
import { AppError } from "../../../errors.ts";
import type { Terminal } from "../../command.ts";
import type { Answers, Order, OrderMessage, ReplyMessage } from "./messages.ts";
import { copyWholeLines } from "./whole-lines.ts";

/** How a process is started. */
export type ProcessProgram = {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Where what it writes goes, line by line. */
  readonly terminal: Pick<Terminal, "out" | "err">;
};

type Waiting = { readonly resolve: (answer: unknown) => void; readonly reject: (error: unknown) => void };

/** One process of a server with several, as its parent sees it. */
export class ServerProcess {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, Waiting>();
  #lastId = 0;
  /** Settles when the process is gone and all that it wrote is passed on; says how it ended. Never rejects. */
  readonly ended: Promise<string>;

  constructor({ command, environment, terminal }: ProcessProgram) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, {
      env: environment,
      // A channel that breaks tells each side that the other is gone, however it went.
      stdio: ["ignore", "pipe", "pipe", "ipc"],
      serialization: "advanced",
    });
    const { stdout, stderr } = this.#child;
    if (stdout === null || stderr === null) throw new TypeError("pipes were asked for");
    const copies = [copyWholeLines(stdout, terminal.out), copyWholeLines(stderr, terminal.err)];
    this.ended = this.#untilGone().then(async (ending) => {
      this.#giveUpWaiting(ending);
      await Promise.allSettled(copies);
      return ending;
    });
    this.#child.on("message", (message) => this.#take(message));
  }

  /** Undefined when it could not be started. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Rejects when the process ends or the signal fires before it has answered, and with the `AppError` that it failed with. */
  async ask<Kind extends Order["kind"]>(
    order: Extract<Order, { readonly kind: Kind }>,
    signal?: AbortSignal,
  ): Promise<Answers[Kind]> {
    // It never started, or it is about to be gone.
    if (!this.#child.connected) throw goneError(await this.ended);
    const id = ++this.#lastId;
    const { promise, resolve, reject } = Promise.withResolvers<unknown>();
    const giveUp = () => reject(signal?.reason);
    signal?.addEventListener("abort", giveUp, { once: true });
    this.#waiting.set(id, { resolve, reject });
    const message: OrderMessage = { id, order };
    this.#child.send(message, (error) => {
      if (error !== null) reject(new AppError("internal", `cannot speak to a process: ${error.message}`));
    });
    try {
      // The process runs our own runServerProcess, of the same build.
      return (await promise) as Answers[Kind];
    } finally {
      signal?.removeEventListener("abort", giveUp);
      this.#waiting.delete(id);
    }
  }

  /** Ends the process at once, and what it works on with it. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }

  #take(message: unknown): void {
    // As above; nobody else has the other end of the channel.
    const reply = message as ReplyMessage;
    const waiting = this.#waiting.get(reply.id);
    if ("failure" in reply) {
      const { kind, message: text, hint } = reply.failure;
      waiting?.reject(new AppError(kind, text, hint === undefined ? {} : { hint }));
    } else waiting?.resolve(reply.answer);
  }

  #untilGone(): Promise<string> {
    return new Promise((resolve) => {
      this.#child.on("error", (error) => {
        // One that runs and cannot be spoken to is about to end.
        if (this.pid === undefined) resolve(`it cannot be started: ${error.message}`);
      });
      this.#child.once("exit", (code, signal) => resolve(signal ?? `exit status ${code}`));
    });
  }

  #giveUpWaiting(ending: string): void {
    for (const { reject } of this.#waiting.values()) reject(goneError(ending));
  }
}

function goneError(ending: string): AppError {
  return new AppError("internal", `a process of the server ended (${ending})`);
}
