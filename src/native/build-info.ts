/**
 * What the build knows about itself. `scripts/build.ts` replaces the `process.env.BUILD_*` expressions with
 * literals; run from source they are absent and the fallbacks say so.
 */
export const BUILD_INFO = {
  version: process.env["BUILD_VERSION"] ?? "0.0.0-source",
  commit: process.env["BUILD_COMMIT"] ?? "source",
  /** Compile target such as `linux-x64`, or `source`. */
  target: process.env["BUILD_TARGET"] ?? "source",
  isCompiled: process.env["BUILD_TARGET"] !== undefined,
} as const;
