import { type ChildProcess, spawn } from "node:child_process";
import { closeSync } from "node:fs";
import type { Writable } from "node:stream";
import { AppError } from "../../errors.ts";
import { SHARED_FILE_FLAG } from "./codec-command.ts";
import { type CodecReply, type CodecRequest, type Frame, FrameAssembler, frameChunks } from "./codec-messages.ts";
import { takeSharedBody } from "./shared-body.ts";

/** How a codec process is started. */
export type CodecProgram = {
  readonly command: readonly [string, ...string[]];
  readonly environment: Readonly<Record<string, string>>;
  /** Opens a file in memory through which a process hands over pixels; null = they come through the pipe. */
  readonly createSharedFile: () => number | null;
};

const ignore = () => undefined;

/** One running codec process, as its owner sees it. */
export class CodecProcessHandle {
  readonly #child: ChildProcess;
  readonly #stdin: Writable;
  /** null = there is none, or it is closed. */
  #sharedFile: number | null;
  #isTaking = false;
  readonly #frames = new FrameAssembler();
  /** Takes the answer that is waited for; null = there will be none. */
  #onAnswer: (frame: Frame<unknown> | null) => void = ignore;
  /** Whether it says nothing any more, whatever it is asked; mostly shortly before it is gone. */
  #hasEnded = false;
  /** Settles when the process is gone, whatever the reason. */
  readonly #gone: Promise<never>;
  #isGone = false;

  /** The process gets nothing of our environment, and no say on the terminal. */
  constructor({ command, environment, createSharedFile }: CodecProgram) {
    const [program, ...args] = command;
    const shared = createSharedFile();
    this.#sharedFile = shared;
    this.#child = spawn(program, shared === null ? args : [...args, SHARED_FILE_FLAG], {
      env: environment,
      cwd: "/",
      // The process finds it as SHARED_FILE, the next number.
      stdio: ["pipe", "pipe", "ignore", ...(shared === null ? [] : [shared])],
    });
    const { stdin, stdout } = this.#child;
    if (stdin === null || stdout === null) throw new TypeError("pipes were asked for");
    this.#stdin = stdin;
    stdout.on("data", (piece: Uint8Array) => this.#take(piece));
    for (const event of ["end", "close", "error"]) stdout.on(event, () => this.#endAnswers());
    this.#gone = new Promise((_, reject) => {
      this.#child.once("error", (error) => {
        reject(new AppError("internal", `a codec process cannot be started: ${error.message}`, { cause: error }));
        // Nor does its output end.
        this.#endAnswers();
      });
      this.#child.once("exit", (code, signal) =>
        reject(new Error(`the codec process ended (${signal ?? `exit code ${code}`})`)),
      );
    });
    this.#gone.catch(() => {
      this.#isGone = true;
      this.#closeShared();
    });
    // A process that dies while it is written to says so through #gone.
    stdin.on("error", ignore);
  }

  /** Whether the process has ended; it may take a moment to be noticed. */
  get isGone(): boolean {
    return this.#isGone;
  }

  /** Asks and waits for the answer; one question at a time. Rejects when the process dies. */
  async ask(request: CodecRequest, body: Uint8Array): Promise<Frame<CodecReply>> {
    const answer = new Promise<Frame<unknown> | null>((resolve) => {
      this.#onAnswer = resolve;
      if (this.#hasEnded) resolve(null);
    });
    for (const chunk of frameChunks(request, body)) this.#stdin.write(chunk);
    // Not a race with #gone: that promise lives as long as the process and would hold on to every answer.
    const reply = await answer;
    // Its promise would keep the answer until the next one.
    this.#onAnswer = ignore;
    if (reply === null) {
      this.kill();
      return this.#gone;
    }
    // The process runs our own runCodecProcess, of the same build.
    const { head, body: piped } = reply as Frame<CodecReply>;
    if (head.outcome === "failed" || head.sharedBytes === 0) return { head, body: piped };
    return { head, body: await this.#takeShared(head.sharedBytes) };
  }

  #take(piece: Uint8Array): void {
    try {
      const frame = this.#frames.push(piece);
      if (frame !== null) this.#onAnswer(frame);
    } catch {
      // It speaks out of turn.
      this.#endAnswers();
    }
  }

  #endAnswers(): void {
    this.#hasEnded = true;
    this.#onAnswer(null);
  }

  async #takeShared(length: number): Promise<Uint8Array<ArrayBuffer>> {
    // Gone right after its answer, and the file with it.
    if (this.#sharedFile === null) return this.#gone;
    this.#isTaking = true;
    try {
      return await takeSharedBody(this.#sharedFile, length);
    } catch (error) {
      this.kill();
      throw error;
    } finally {
      this.#isTaking = false;
      if (this.#isGone) this.#closeShared();
    }
  }

  /** Not while it is read and emptied: once closed, its number may be that of somebody else's file. */
  #closeShared(): void {
    if (this.#sharedFile === null || this.#isTaking) return;
    closeSync(this.#sharedFile);
    this.#sharedFile = null;
  }

  /** Ends the process at once, even in the middle of WebAssembly, which a thread would not survive to hear. */
  kill(): void {
    this.#child.kill("SIGKILL");
  }
}
