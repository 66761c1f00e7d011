import { accessSync, constants, type Stats, statSync } from "node:fs";
import { bad, good, type ValueType } from "./value-type.ts";

/** A directory that exists. */
export const directory: ValueType<string> = {
  name: "directory",
  expected: "the path of an existing directory",
  parse: (path) => {
    const stats = statOf(path);
    if (stats === null) return bad("there is nothing at this path, or it may not be looked at");
    if (!stats.isDirectory()) return bad("it is not a directory");
    return good(
      path,
      path === "/" ? "is the root of the file system: every readable file is a possible source" : undefined,
    );
  },
  print: (path) => path,
};

/** A file that must be there and readable. */
export const readableFile: ValueType<string> = {
  name: "file",
  expected: "the path of a readable file",
  parse: (path) => {
    const stats = statOf(path);
    if (stats === null) return bad("there is no such file, or it may not be looked at");
    if (stats.isDirectory()) return bad("it is a directory");
    return isReadable(path) ? good(path) : bad("this user may not read it");
  },
  print: (path) => path,
};

/** A file that may be missing: the reference starts without it, so we do too, but say so. The value is then empty. */
export const optionalFile: ValueType<string> = {
  name: "file",
  expected: "the path of a readable file",
  parse: (path) =>
    statOf(path)?.isFile() ? readableFile.parse(path) : good("", "names no existing file and is ignored"),
  print: (path) => path,
};

/** Bytes in base64 (standard alphabet, with padding; line breaks are allowed). */
export const base64: ValueType<Uint8Array> = {
  name: "base64",
  expected: "base64 in the standard alphabet with padding",
  parse: (text) => {
    const compact = text.replace(/[\r\n]/g, "");
    const isBase64 = compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
    return isBase64 ? good(new Uint8Array(Buffer.from(compact, "base64"))) : bad();
  },
  print: (bytes) => `(${bytes.length} bytes)`,
};

function statOf(path: string): Stats | null {
  try {
    return statSync(path);
  } catch {
    // Missing, a file where a directory should be, no permission: for the one who set the variable all the same.
    return null;
  }
}

function isReadable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
