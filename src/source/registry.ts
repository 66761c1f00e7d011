import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";
import type { Logger, Metrics } from "../telemetry/types.ts";
import { createHttpSource, type HttpSourceConfig } from "./http/http-source.ts";
import type { CachedFiles } from "./local/local-root.ts";
import { createLocalSource, type LocalSourceConfig } from "./local/local-source.ts";
import { schemeOf } from "./object-url.ts";
import { createS3Source } from "./s3/s3-source.ts";
import type { S3Config } from "./s3/settings/s3-config.ts";
import type { Source, SourceRegistry, SourceUrl } from "./types.ts";

export type SourceRegistryConfig = HttpSourceConfig & LocalSourceConfig & S3Config & Pick<Config, "useS3">;

export type SourceRegistryServices = {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** The process environment, for what the AWS SDK reads itself. */
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Throws `source_forbidden` when `IMGPROXY_ALLOWED_SOURCES` does not admit the target of a redirect. */
  readonly checkRedirect: (url: string) => void;
  /** Opens and reads local files that the system has in memory; undefined = all of them in the thread pool. */
  readonly cachedFiles?: CachedFiles | undefined;
};

/** The variable that turns a scheme on. */
const SWITCHES: ReadonlyMap<string, string> = new Map([
  ["local", "IMGPROXY_LOCAL_FILESYSTEM_ROOT"],
  ["s3", "IMGPROXY_USE_S3"],
  ["gs", "IMGPROXY_USE_GCS"],
  ["abs", "IMGPROXY_USE_ABS"],
  ["swift", "IMGPROXY_USE_SWIFT"],
]);

/**
 * Builds the sources that the configuration turns on. http and https are always there and share one set of connections; `local` needs a
 * root; `s3` loads its SDK only when it is built. Throws `config` for settings that cannot be meant.
 */
export function createSourceRegistry(config: SourceRegistryConfig, services: SourceRegistryServices): SourceRegistry {
  const registry = new Map<string, Source>();
  const http = createHttpSource(config, services);
  registry.set("http", http);
  registry.set("https", http);
  if (config.localFilesystemRoot !== "") registry.set("local", createLocalSource(config, services.cachedFiles));
  if (config.useS3) registry.set("s3", createS3Source(config, services));
  return registry;
}

/** The source that serves a URL. Throws `source_unreachable` with the variable that would turn its scheme on. */
export function sourceFor(registry: SourceRegistry, url: SourceUrl): Source {
  const scheme = schemeOf(url);
  const source = registry.get(scheme);
  if (source !== undefined) return source;
  const variable = SWITCHES.get(scheme);
  const message = `can't download source image: unknown scheme: ${scheme}`;
  if (variable === undefined) throw new AppError("source_unreachable", message);
  throw new AppError("source_unreachable", `${message} (set ${variable} to enable)`, {
    hint: `Set ${variable} to enable ${scheme}:// sources.`,
  });
}
