import { type ChildProcessByStdio, spawn } from "node:child_process";
import type { Readable, Writable } from "node:stream";
import { AppError } from "../../errors.ts";
import { type CodecReply, type CodecRequest, type Frame, frameChunks, readFrames } from "./codec-messages.ts";

/** How a codec process is started. */
export type CodecProgram = {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
};

/** One running codec process, as its owner sees it. */
export class CodecProcessHandle {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #replies: AsyncGenerator<Frame<unknown>>;
  /** Settles when the process is gone, whatever the reason. */
  readonly #gone: Promise<never>;
  #isGone = false;

  /** The process gets nothing of our environment, and no say on the terminal. */
  constructor({ command, environment }: CodecProgram) {
    const [program, ...args] = command;
    this.#child = spawn(program, args, { env: environment, cwd: "/", stdio: ["pipe", "pipe", "ignore"] });
    this.#replies = readFrames(this.#child.stdout);
    this.#gone = new Promise((_, reject) => {
      this.#child.once("error", (error) =>
        reject(new AppError("internal", `a codec process cannot be started: ${error.message}`, { cause: error })),
      );
      this.#child.once("exit", (code, signal) =>
        reject(new Error(`the codec process ended (${signal ?? `exit code ${code}`})`)),
      );
    });
    this.#gone.catch(() => {
      this.#isGone = true;
    });
    // A process that dies while it is written to says so through #gone.
    this.#child.stdin.on("error", () => undefined);
  }

  /** Whether the process has ended; it may take a moment to be noticed. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Asks and waits for the answer; one question at a time. Rejects when the process dies. */
  async ask(request: CodecRequest, body: Uint8Array): Promise<Frame<CodecReply>> {
    for (const chunk of frameChunks(request, body)) this.#child.stdin.write(chunk);
    // Not a race with #gone: that promise lives as long as the process and would hold on to every answer.
    const reply = await this.#replies.next().catch(() => null);
    if (reply === null || reply.done === true) {
      this.kill();
      return this.#gone;
    }
    // The process runs our own runCodecProcess, of the same build.
    return reply.value as Frame<CodecReply>;
  }

  /** Ends the process at once, even in the middle of WebAssembly, which a thread would not survive to hear. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
