import { LIBRARY_FOLDER_VARIABLE } from "./library-folder.ts";

/** Where the libraries lie, where fonts are found and how text is read, how memory is kept: no secrets. */
const NAMES = [
  LIBRARY_FOLDER_VARIABLE,
  "CACHE_DIRECTORY",
  "XDG_CACHE_HOME",
  "HOME",
  "TMPDIR",
  "FONTCONFIG_FILE",
  "FONTCONFIG_PATH",
  "FONTCONFIG_SYSROOT",
  "XDG_CONFIG_HOME",
  "XDG_DATA_HOME",
  "XDG_DATA_DIRS",
  "PANGO_LANGUAGE",
  "LANG",
  "LANGUAGE",
  "LC_ALL",
  "LC_CTYPE",
  "MALLOC_ARENA_MAX",
];

/** The part of the environment under which another process of ours loads the same image libraries and makes the same pixels. */
export function libraryEnvironment(
  env: Readonly<Record<string, string | undefined>> = process.env,
): Record<string, string> {
  return Object.fromEntries(
    NAMES.flatMap((name) => {
      const value = env[name];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}
