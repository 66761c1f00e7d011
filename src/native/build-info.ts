/**
 * What the build knows about itself. `scripts/build.ts` replaces the `process.env` expressions below by literals;
 * run from source they are absent and the fallbacks say so.
 */
const target = process.env["BUILD_TARGET"];

export const BUILD_INFO = {
  version: process.env["BUILD_VERSION"] ?? "0.0.0-source",
  commit: process.env["BUILD_COMMIT"] ?? "source",
  /** Compile target such as `linux-x64`, or `source`. */
  target: target ?? "source",
  /** Versions of the image libraries, e.g. `sharp 0.35.5, libvips 8.18.7`. */
  libraries: process.env["BUILD_LIBRARIES"] ?? "libraries of node_modules",
  isCompiled: target !== undefined,
} as const;
