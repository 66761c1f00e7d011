import { existsSync } from "node:fs";
import { FOREIGN_FUNCTIONS } from "./foreign-functions.ts";

/** File name under which the C library of this platform can be opened, or undefined where we know none. */
function libcName(dlopen: Dlopen): string | undefined {
  if (process.platform === "darwin") return "libSystem.B.dylib";
  if (process.platform !== "linux") return undefined;
  const musl = `/lib/ld-musl-${process.arch === "arm64" ? "aarch64" : "x86_64"}.so.1`;
  // musl's loader is its C library; glibc is tried first because a glibc system may have musl installed beside it.
  for (const name of ["libc.so.6", musl]) {
    if (name.startsWith("/") && !existsSync(name)) continue;
    try {
      dlopen(name, { getpid: { args: [], returns: "i32" } }).close();
      return name;
    } catch {
      // not this one
    }
  }
  return undefined;
}

type Dlopen = typeof import("bun:ffi").dlopen;

const SYMBOLS = {
  execve: { args: ["ptr", "ptr", "ptr"], returns: "i32" },
  mallopt: { args: ["i32", "i32"], returns: "i32" },
  malloc_trim: { args: ["u64"], returns: "i32" },
  memfd_create: { args: ["cstring", "u32"], returns: "i32" },
  /** For `openat2`: number, folder, path, how, size of how. */
  syscall: { args: ["i64", "i32", "ptr", "ptr", "u64"], returns: "i64" },
  preadv2: { args: ["i32", "ptr", "i32", "i64", "i32"], returns: "i64" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  sendto: { args: ["i32", "ptr", "u64", "i32", "ptr", "u32"], returns: "i64" },
  connect: { args: ["i32", "ptr", "u32"], returns: "i32" },
  close: { args: ["i32"], returns: "i32" },
  clock_gettime: { args: ["i32", "ptr"], returns: "i32" },
} as const;

type Symbols = typeof SYMBOLS;

/**
 * Binds one function of the C library; undefined where the platform has none of that name
 * (`mallopt` on musl and macOS, `memfd_create` on macOS). Callers treat that as «feature not available».
 */
export function bindLibc<Name extends keyof Symbols>(name: Name) {
  if (FOREIGN_FUNCTIONS === undefined) return undefined;
  const { dlopen } = FOREIGN_FUNCTIONS;
  const library = libcName(dlopen);
  if (library === undefined) return undefined;
  try {
    return dlopen(library, { [name]: SYMBOLS[name] } as Pick<Symbols, Name>).symbols[name];
  } catch {
    return undefined;
  }
}
