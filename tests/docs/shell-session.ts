import { mkdir, mkdtemp, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Subprocess } from "bun";

export type BlockResult = { readonly status: number; readonly output: string };

/** Ends what a block has printed; no command prints it. */
const SENTINEL = "\u001e";

/**
 * A reader at a shell: blocks are run one after the other in one `sh -eu`, so that what one exports the next one sees. What
 * runs until it is stopped is started in the background and ended by `close`, or by the next one that is started.
 */
export class ShellSession {
  readonly #shell: Subprocess<"pipe", "pipe", "pipe">;
  readonly #notes: string;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #decoder = new TextDecoder();
  #unread = "";
  #blocks = 0;
  #server: number | undefined;

  private constructor(folder: string, notes: string, env: Readonly<Record<string, string>>) {
    this.#notes = notes;
    this.#shell = Bun.spawn(["sh", "-eu"], { cwd: folder, env, stdin: "pipe", stdout: "pipe", stderr: "pipe" });
    this.#reader = this.#shell.stdout.getReader();
  }

  /** `folder` is where the reader stands; `notes` a folder for what this class writes. */
  static async open(options: { folder: string; notes: string; env: Record<string, string> }): Promise<ShellSession> {
    await mkdir(options.notes, { recursive: true });
    return new ShellSession(options.folder, await mkdtemp(join(options.notes, "session-")), options.env);
  }

  /** Runs a block to its end. */
  async run(text: string): Promise<BlockResult> {
    const block = await this.#write(text);
    await this.#send(`. ${block} </dev/null 2>&1\nprintf '${SENTINEL}'\n`);
    for (;;) {
      const end = this.#unread.indexOf(SENTINEL);
      if (end >= 0) {
        const output = this.#unread.slice(0, end);
        this.#unread = this.#unread.slice(end + 1);
        return { status: 0, output };
      }
      const { done, value } = await this.#reader.read();
      // With -e a shell ends where a command fails.
      if (done) return { status: await this.#shell.exited, output: this.#unread };
      this.#unread += this.#decoder.decode(value, { stream: true });
    }
  }

  /** Starts a block that does not end, and waits until what it has printed satisfies. Returns that. */
  async start(text: string, isReady: (output: string) => boolean | Promise<boolean>): Promise<BlockResult> {
    await this.stopServer();
    const block = await this.#write(text);
    const log = `${block}.log`;
    const { output: pid } = await this.run(`setsid sh -eu ${block} >${log} 2>&1 & echo $!`);
    this.#server = Number(pid);
    const deadline = Date.now() + 30_000;
    for (;;) {
      const output = await readFile(log, "utf8").catch(() => "");
      if (await isReady(output)) return { status: 0, output };
      if (!isAlive(this.#server) || Date.now() > deadline) return { status: 1, output };
      await Bun.sleep(50);
    }
  }

  async stopServer(): Promise<void> {
    if (this.#server === undefined) return;
    const server = this.#server;
    this.#server = undefined;
    signalTo(-server, "SIGTERM");
    const impatience = setTimeout(() => signalTo(-server, "SIGKILL"), 10_000);
    // Its parent is the shell, which must take note of its end; one that has failed takes note of nothing more.
    if (this.#shell.exitCode === null) await this.run(`wait ${server} || :`);
    else signalTo(-server, "SIGKILL");
    clearTimeout(impatience);
  }

  async close(): Promise<void> {
    await this.stopServer();
    await this.#shell.stdin.end();
    await this.#shell.exited;
  }

  async #write(text: string): Promise<string> {
    const file = join(this.#notes, `block-${++this.#blocks}.sh`);
    await writeFile(file, `${text}\n`);
    return file;
  }

  async #send(command: string): Promise<void> {
    this.#shell.stdin.write(command);
    await this.#shell.stdin.flush();
  }
}

function isAlive(pid: number): boolean {
  return signalTo(pid, 0);
}

/** `pid` is a process or, with a minus in front, a group. Returns whether there is one. */
function signalTo(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, signal);
    return true;
  } catch {
    return false;
  }
}
