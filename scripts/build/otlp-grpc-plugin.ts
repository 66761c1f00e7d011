import { createRequire } from "node:module";
import type { BunPlugin } from "bun";

const PACKAGE = "@opentelemetry/otlp-grpc-exporter-base";

/**
 * The ES modules of this package look `@grpc/grpc-js` up while they run, which leads nowhere inside an executable; its CommonJS
 * modules name it where the bundler sees it. (0.301.0)
 */
export function otlpGrpcPlugin(): BunPlugin {
  const { resolve } = createRequire(import.meta.url);
  return {
    name: "OTLP over gRPC in the executable",
    setup(build) {
      build.onResolve({ filter: new RegExp(`^${PACKAGE}$`) }, () => ({ path: resolve(PACKAGE) }));
    },
  };
}
