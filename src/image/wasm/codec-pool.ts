import { AppError, type ErrorKind, messageOf } from "../../errors.ts";
import { throwIfAborted } from "../in-turns.ts";
import type { RawImage } from "../types.ts";
import { codecCommand } from "./codec-command.ts";
import type { CodecReply, CodecRequest, Frame } from "./codec-messages.ts";
import { CodecProcessHandle } from "./codec-process-handle.ts";
import type {
  DecodedJxl,
  HeicCall,
  ImageCodecs,
  JxlDecoding,
  JxlEncoding,
  SvgDrawing,
  SvgEncoding,
  SvgMeasuring,
} from "./image-codecs.ts";
import { Turns } from "./turns.ts";

export type CodecPoolOptions = {
  /** Most processes at a time. */
  readonly processes?: number;
  /** Most calls that wait for a process; more are refused. */
  readonly waiting?: number;
  /** A process without work for this long is ended, and its memory is free. */
  readonly idleSeconds?: number;
  /** A process that holds more than this after its work is ended at once. */
  readonly maxResidentBytes?: number;
  /** Program and arguments of a codec process. */
  readonly command?: readonly [string, ...string[]];
  /** All that a codec process gets of the environment, which holds secrets. */
  readonly environment?: Readonly<Record<string, string>>;
  /** See `CodecProgram`. */
  readonly createSharedFile?: () => number | null;
};

type IdleProcess = { readonly handle: CodecProcessHandle; readonly timer: ReturnType<typeof setTimeout> };

/**
 * Runs the WebAssembly codecs in processes of their own, started on first use. Processes and not threads, because a
 * thread cannot be stopped while it is inside WebAssembly (Bun 1.4.5, tried with an endless loop: `terminate()` never
 * returns and the core stays busy): a hostile file would take a core for good. A process also gives its memory back.
 */
export class CodecPool implements ImageCodecs {
  readonly #options: Required<CodecPoolOptions>;
  readonly #turns: Turns;
  readonly #idle: IdleProcess[] = [];
  readonly #busy = new Set<CodecProcessHandle>();
  #isClosed = false;

  constructor(options: CodecPoolOptions = {}) {
    this.#options = {
      processes: 2,
      waiting: 64,
      idleSeconds: 10,
      maxResidentBytes: 512 * 2 ** 20,
      command: codecCommand(),
      environment: {},
      createSharedFile: () => null,
      ...options,
    };
    this.#turns = new Turns({ atATime: this.#options.processes, waiting: this.#options.waiting });
  }

  async decodeHeic(bytes: Uint8Array, { signal, maxPixels, wantsThumbnail = false }: HeicCall): Promise<RawImage> {
    return toImage(await this.#call({ job: "decode-heic", maxPixels, wantsThumbnail }, bytes, signal));
  }

  async decodeJxl(bytes: Uint8Array, { signal, maxPixels, ...settings }: JxlDecoding): Promise<DecodedJxl> {
    const reply = await this.#call({ job: "decode-jxl", maxPixels, settings }, bytes, signal);
    const { file, icc } = splitBody(reply);
    if (reply.head.outcome === "file") return { kind: "png", bytes: file, icc };
    return { kind: "raw", image: toImage({ ...reply, body: file }), icc };
  }

  async encodeJxl(image: RawImage, { signal, quality, effort }: JxlEncoding): Promise<Uint8Array> {
    const { data, width, height, channels, bits } = image;
    const layout = { width, height, channels, bits };
    const { body } = await this.#call({ job: "encode-jxl", layout, quality, effort }, data, signal);
    return body;
  }

  async measureSvg(bytes: Uint8Array, { signal, kind }: SvgMeasuring): Promise<{ width: number; height: number }> {
    const { head } = await this.#call({ job: "measure-svg", kind }, bytes, signal);
    if (head.outcome !== "size") throw new AppError("internal", `a measuring answered with "${head.outcome}"`);
    return { width: head.width, height: head.height };
  }

  async drawSvg(bytes: Uint8Array, { signal, drawing }: SvgDrawing): Promise<RawImage> {
    return toImage(await this.#call({ job: "draw-svg", drawing }, bytes, signal));
  }

  async encodeSvg(bytes: Uint8Array, { signal, drawing, output }: SvgEncoding): Promise<Uint8Array | null> {
    const { body } = await this.#call({ job: "encode-svg", drawing, output }, bytes, signal);
    return body.length === 0 ? null : body;
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#turns.close(closedError());
    for (const handle of this.#busy) handle.kill();
    for (const process of this.#idle.splice(0)) endIdle(process);
  }

  async #call(request: CodecRequest, body: Uint8Array, signal: AbortSignal): Promise<Frame<CodecReply>> {
    await this.#turns.take(signal);
    try {
      return await this.#perform(request, body, signal);
    } finally {
      this.#turns.end();
    }
  }

  async #perform(request: CodecRequest, body: Uint8Array, signal: AbortSignal): Promise<Frame<CodecReply>> {
    this.#throwIfOver(signal);
    const idle = this.#takeIdle();
    try {
      if (idle !== undefined) return await this.#ask(idle, request, { body, signal });
    } catch (error) {
      // It may have died while it waited for work, and the news of that come only now: that says nothing of this file.
      if (!(error instanceof ProcessDied)) throw error;
    }
    try {
      return await this.#ask(new CodecProcessHandle(this.#options), request, { body, signal });
    } catch (error) {
      throw error instanceof ProcessDied ? codecError(request, error.message, error.cause) : error;
    }
  }

  /** Throws `ProcessDied` when the process does while it works. */
  async #ask(
    handle: CodecProcessHandle,
    request: CodecRequest,
    { body, signal }: { readonly body: Uint8Array; readonly signal: AbortSignal },
  ): Promise<Frame<CodecReply>> {
    this.#busy.add(handle);
    const stop = () => handle.kill();
    signal.addEventListener("abort", stop);
    try {
      const reply = await handle.ask(request, body);
      this.#release(handle, reply.head);
      if (reply.head.outcome === "failed") throw codecError(request, reply.head.message);
      return reply;
    } catch (error) {
      this.#throwIfOver(signal);
      throw error instanceof AppError ? error : new ProcessDied(messageOf(error), { cause: error });
    } finally {
      signal.removeEventListener("abort", stop);
      this.#busy.delete(handle);
    }
  }

  #throwIfOver(signal: AbortSignal): void {
    throwIfAborted(signal);
    if (this.#isClosed) throw closedError();
  }

  #takeIdle(): CodecProcessHandle | undefined {
    for (let idle = this.#idle.pop(); idle !== undefined; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (!idle.handle.isGone) return idle.handle;
    }
    return undefined;
  }

  /** Keeps a process for the next call, if it is still good for one. */
  #release(handle: CodecProcessHandle, head: CodecReply): void {
    const isUsable = head.outcome !== "failed" || head.isUsable;
    if (!isUsable || head.residentBytes > this.#options.maxResidentBytes || this.#isClosed) {
      handle.kill();
      return;
    }
    const timer = setTimeout(() => {
      this.#idle.splice(this.#idle.indexOf(process), 1);
      handle.kill();
    }, this.#options.idleSeconds * 1000);
    const process: IdleProcess = { handle, timer };
    timer.unref();
    this.#idle.push(process);
  }
}

/** A codec process ended in the middle of a call; never leaves this file. */
class ProcessDied extends Error {
  override readonly name = "ProcessDied";
}

function closedError(): AppError {
  return new AppError("cancelled", "the codecs are being shut down");
}

function endIdle({ handle, timer }: IdleProcess): void {
  clearTimeout(timer);
  handle.kill();
}

function splitBody({ head, body }: Frame<CodecReply>): { file: Uint8Array<ArrayBuffer>; icc: Uint8Array | null } {
  const iccBytes = head.outcome === "failed" ? 0 : head.iccBytes;
  const end = body.length - iccBytes;
  return { file: body.subarray(0, end), icc: iccBytes === 0 ? null : body.slice(end) };
}

function toImage({ head, body }: Frame<CodecReply>): RawImage {
  if (head.outcome !== "image") throw new AppError("internal", `a decoder answered with "${head.outcome}"`);
  return { ...head.layout, data: body };
}

/** A decoder that fails means a bad file; an encoder that fails is our fault. */
const FAILURE = {
  "decode-heic": "invalid_image",
  "decode-jxl": "invalid_image",
  "encode-jxl": "internal",
  "measure-svg": "broken_image",
  "draw-svg": "broken_image",
  "encode-svg": "broken_image",
} as const satisfies Record<CodecRequest["job"], ErrorKind>;

function codecError({ job }: CodecRequest, message: string, cause?: unknown): AppError {
  return new AppError(FAILURE[job], `${job}: ${message}`, { cause });
}
