import { join } from "node:path";
import type { BunPlugin } from "bun";
import type { NativeFiles } from "./native-packages.ts";
import type { Target } from "./targets.ts";

/**
 * sharp looks its native addon up by a package path, which does not exist inside an executable. This plugin replaces
 * the one module of sharp that does so by a loader of ours over the embedded files, and the search for the C library's kind
 * (which starts a process) by the answer that the target already gives.
 */
export function sharpPlugin(projectRoot: string, target: Target, files: NativeFiles): BunPlugin {
  const loader = JSON.stringify(join(projectRoot, "src/native/sharp-addon.ts"));
  const describe = (name: string, file: NativeFiles["addon"]) =>
    `{ embeddedPath: ${name}, fileName: ${JSON.stringify(file.fileName)}, sha256: ${JSON.stringify(file.sha256)} }`;
  const contents = `
    import { loadSharpAddon } from ${loader};
    import addon from ${JSON.stringify(files.addon.path)} with { type: "file" };
    import libvips from ${JSON.stringify(files.libvips.path)} with { type: "file" };
    export default loadSharpAddon({
      platform: ${JSON.stringify(target.sharp)},
      addon: ${describe("addon", files.addon)},
      libvips: ${describe("libvips", files.libvips)},
    });`;
  const family = JSON.stringify(target.install.libc);
  const detectLibc = `
    export const GLIBC = "glibc", MUSL = "musl";
    export const familySync = () => ${target.install.os === "linux" ? family : "null"};
    export const family = async () => familySync();
    export const isNonGlibcLinuxSync = () => ${target.sharp.startsWith("linuxmusl")};
    export const isNonGlibcLinux = async () => isNonGlibcLinuxSync();
    export const versionSync = () => null;
    export const version = async () => null;
    export default { GLIBC, MUSL, family, familySync, isNonGlibcLinux, isNonGlibcLinuxSync, version, versionSync };`;
  return {
    name: "sharp in the executable",
    setup(build) {
      build.onLoad({ filter: /[\\/]sharp[\\/]dist[\\/]sharp\.mjs$/ }, () => ({ contents, loader: "js" }));
      build.onLoad({ filter: /[\\/]detect-libc[\\/]lib[\\/]detect-libc\.js$/ }, () => ({
        contents: detectLibc,
        loader: "js",
      }));
    },
  };
}
