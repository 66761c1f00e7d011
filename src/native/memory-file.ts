import { closeSync, ftruncateSync, writeSync } from "node:fs";
import { bindLibc } from "./libc.ts";

const MFD_CLOEXEC = 1;

/** What files between two uses may hold of memory, all together; see `createExactLoader`. */
const KEPT_BYTES = 16 * 2 ** 20;
const KEPT_FILES = 32;
/** How long they are kept for the next use. */
const KEPT_MS = 2000;

/** Makes anonymous files, whose descriptors must be closed. Both throw a plain Error when the system refuses. */
export type MemoryFiles = {
  create(name: string): number;
  /** With this content. */
  open(name: string, content: Uint8Array): number;
};

/** Binds `memfd_create`; undefined where the system has none (macOS, old kernels). */
export function bindMemoryFiles(): MemoryFiles | undefined {
  if (process.platform !== "linux") return undefined;
  const createFile = bindLibc("memfd_create");
  if (createFile === undefined) return undefined;
  const create = (name: string) => {
    const descriptor = createFile(Buffer.from(`${name}\0`), MFD_CLOEXEC);
    if (descriptor < 0) throw new Error("memfd_create failed");
    return descriptor;
  };
  return {
    create,
    open(name, content) {
      const descriptor = create(name);
      try {
        writeWhole(descriptor, content, 0);
        return descriptor;
      } catch (error) {
        closeSync(descriptor);
        throw error;
      }
    },
  };
}

/** Makes empty anonymous files to be shared with other processes; null where there are none, or no more. */
export function bindSharedFiles(): () => number | null {
  const files = bindMemoryFiles();
  return () => {
    try {
      return files?.create("imgproxy-shared") ?? null;
    } catch {
      return null;
    }
  };
}

/** A file between two uses. */
type KeptFile = { readonly descriptor: number; readonly bytes: number };

/**
 * Lets libvips read bytes by a file name of our own making, so that loader options can stand behind it
 * (`/proc/self/fd/12[shrink=2]`). Null where there are no anonymous files.
 *
 * Files are used again, since fresh pages cost five times what is written into them (0.5 ms a megabyte instead of 0.1, November 2026).
 * The same name then stands for other bytes, so libvips must keep nothing by its name: see `configureSharp`.
 */
export function createExactLoader() {
  const files = bindMemoryFiles();
  if (files === undefined) return null;
  const kept: KeptFile[] = [];
  let keptBytes = 0;
  let release: ReturnType<typeof setTimeout> | undefined;

  const take = (): KeptFile => {
    const file = kept.pop() ?? { descriptor: files.create("imgproxy-source"), bytes: 0 };
    keptBytes -= file.bytes;
    return file;
  };
  const closeAll = () => {
    release = undefined;
    for (const { descriptor } of kept.splice(0)) closeSync(descriptor);
    keptBytes = 0;
  };
  const giveBack = (file: KeptFile) => {
    if (keptBytes + file.bytes > KEPT_BYTES || kept.length >= KEPT_FILES) {
      closeSync(file.descriptor);
      return;
    }
    kept.push(file);
    keptBytes += file.bytes;
    clearTimeout(release);
    release = setTimeout(closeAll, KEPT_MS).unref();
  };
  return {
    async withFile<Result>(bytes: Uint8Array, use: (path: string) => Promise<Result>): Promise<Result> {
      const { descriptor, bytes: before } = take();
      let isWritten = false;
      try {
        writeWhole(descriptor, bytes, before);
        isWritten = true;
        return await use(`/proc/self/fd/${descriptor}`);
      } finally {
        // Whoever was lent the name has read what it wanted: nobody sees the next content.
        if (isWritten) giveBack({ descriptor, bytes: bytes.length });
        else closeSync(descriptor);
      }
    },
  };
}

/** Makes bytes the whole content of a file. */
function writeWhole(descriptor: number, bytes: Uint8Array, before: number): void {
  if (before > bytes.length) ftruncateSync(descriptor, bytes.length);
  for (let written = 0; written < bytes.length; ) {
    written += writeSync(descriptor, bytes, written, bytes.length - written, written);
  }
}
