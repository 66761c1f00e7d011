import { dlopen } from "bun:ffi";
import { closeSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { AppError } from "../errors.ts";
import { candidateFolders, type EmbeddedFile, LIBRARY_FOLDER_VARIABLE, provideLibraries } from "./library-folder.ts";
import { bindMemoryFiles } from "./memory-file.ts";

/** What `scripts/build.ts` writes into the executable in place of sharp's own search for its addon. */
export type EmbeddedAddon = {
  /** sharp's name of the platform, e.g. `linux-x64`, `linuxmusl-x64`. */
  readonly platform: string;
  readonly addon: { readonly embeddedPath: string; readonly fileName: string; readonly sha256: string };
  readonly libvips: { readonly embeddedPath: string; readonly fileName: string; readonly sha256: string };
};

/**
 * Puts sharp's native files where the system can load them, and loads them.
 * Throws `AppError("internal")` naming every folder that was tried and why it did not serve.
 */
export function loadSharpAddon(embedded: EmbeddedAddon, env: NodeJS.ProcessEnv = process.env): unknown {
  const { platform, addon, libvips } = embedded;
  // The addon finds libvips by its RPATH, $ORIGIN/../../sharp-libvips-<platform>/lib.
  const addonPath = `sharp-${platform}/lib/${addon.fileName}`;
  const files: EmbeddedFile[] = [
    { path: addonPath, sha256: addon.sha256, read: () => readFileSync(addon.embeddedPath) },
    {
      path: `sharp-libvips-${platform}/lib/${libvips.fileName}`,
      sha256: libvips.sha256,
      read: () => readFileSync(libvips.embeddedPath),
    },
  ];
  const failures: string[] = [];
  for (const root of candidateFolders(env)) {
    try {
      return openAddon(join(provideLibraries(root, files), addonPath));
    } catch (error) {
      failures.push(`  ${root}: ${reason(error)}`);
    }
  }
  try {
    return openFromMemory(embedded);
  } catch (error) {
    failures.push(`  anonymous memory file: ${reason(error)}`);
  }
  throw new AppError("internal", `the image library could not be loaded; tried:\n${failures.join("\n")}`, {
    hint: `Set ${LIBRARY_FOLDER_VARIABLE} to a folder that this user can write and that is not mounted noexec.`,
  });
}

function openAddon(path: string): unknown {
  const module = { exports: {} };
  process.dlopen(module, path);
  return module.exports;
}

/**
 * For systems where no folder serves (read-only, or noexec everywhere). libvips goes first: the addon's own search by RPATH
 * finds nothing beside an anonymous file, but the loader takes an already loaded library of the same name (glibc).
 */
function openFromMemory(embedded: EmbeddedAddon): unknown {
  const files = bindMemoryFiles();
  if (files === undefined) throw new Error("not available on this system");
  const libvips = files.open("libvips", readFileSync(embedded.libvips.embeddedPath));
  const addon = files.open("sharp", readFileSync(embedded.addon.embeddedPath));
  try {
    // Kept open by the loader for as long as the process lives.
    dlopen(`/proc/self/fd/${libvips}`, { vips_version: { args: ["i32"], returns: "i32" } });
    return openAddon(`/proc/self/fd/${addon}`);
  } finally {
    closeSync(libvips);
    closeSync(addon);
  }
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message.split("\n", 1).join("") : String(error);
}
