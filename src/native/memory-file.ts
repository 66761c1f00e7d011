import { closeSync, writeSync } from "node:fs";
import { bindLibc } from "./libc.ts";

const MFD_CLOEXEC = 1;

/** Makes anonymous files; undefined where the system has no `memfd_create` (macOS, old kernels). */
export type MemoryFiles = {
  /** A new anonymous file with this content; the descriptor must be closed. Throws a plain Error when the system refuses. */
  open(name: string, content: Uint8Array): number;
};

/** Binds `memfd_create`, or says that there is none. */
export function bindMemoryFiles(): MemoryFiles | undefined {
  if (process.platform !== "linux") return undefined;
  const create = bindLibc("memfd_create");
  if (create === undefined) return undefined;
  return {
    open(name, content) {
      const descriptor = create(Buffer.from(`${name}\0`), MFD_CLOEXEC);
      if (descriptor < 0) throw new Error("memfd_create failed");
      try {
        for (let written = 0; written < content.length; ) {
          written += writeSync(descriptor, content, written, content.length - written);
        }
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
      return files?.open("imgproxy-shared", new Uint8Array(0)) ?? null;
    } catch {
      return null;
    }
  };
}

/**
 * Lets libvips read bytes by a file name of our own making, so that loader options can stand behind it
 * (`/proc/self/fd/12[shrink=2]`). Null where there are no anonymous files.
 */
export function createExactLoader() {
  const files = bindMemoryFiles();
  if (files === undefined) return null;
  return {
    async withFile<Result>(bytes: Uint8Array, use: (path: string) => Promise<Result>): Promise<Result> {
      const descriptor = files.open("imgproxy-source", bytes);
      try {
        return await use(`/proc/self/fd/${descriptor}`);
      } finally {
        closeSync(descriptor);
      }
    },
  };
}
