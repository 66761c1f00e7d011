import type { ResultCache } from "../../cache/result-cache.ts";
import type { Config } from "../../config/config.ts";
import type { Environment } from "../../config/environment.ts";
import { loadConfiguredImages } from "../../http/configured-images.ts";
import type { Edge } from "../../http/edge.ts";
import { createLibraryCheck } from "../../http/library-check.ts";
import { compileRequestSettings, readImageRequest } from "../../http/read-request.ts";
import type { Services } from "../../http/services.ts";
import type { WorkQueue } from "../../http/work-queue.ts";
import type { ExactLoader } from "../../image/types.ts";
import type { ImageCodecs } from "../../image/wasm/image-codecs.ts";
import { BUILD_INFO } from "../../native/build-info.ts";
import { bindCachedFiles } from "../../native/cached-files.ts";
import { createSourceRegistry } from "../../source/registry.ts";
import type { SourceUrl } from "../../source/types.ts";
import type { ErrorReporter, Logger, Metrics, RequestTracer } from "../../telemetry/types.ts";
import { requireAllowedSource } from "../../url/source-rules.ts";
import { createImageProcessor } from "./image-processor.ts";

/** What lives as long as the server, across reloads. */
export type ServicesParts = {
  readonly logger: Logger;
  readonly metrics: Metrics;
  readonly tracer?: RequestTracer | undefined;
  readonly reporter?: ErrorReporter | undefined;
  readonly edge: Edge;
  readonly queue: WorkQueue;
  /** Where results are kept; undefined = nowhere. */
  readonly results?: ResultCache | undefined;
  readonly codecs: ImageCodecs;
  readonly exactLoader: ExactLoader | null;
  /** Whether somebody else warns of presets that cannot be meant. */
  readonly isQuietAboutPresets?: boolean;
};

/** Longest that images of the configuration may take to load. */
const LOAD_TIMEOUT_MS = 30_000;

/** Builds what the app works with from one configuration. Throws `AppError("config")`. */
export async function createServices(
  { config, environment }: { readonly config: Config; readonly environment: Environment },
  parts: ServicesParts,
): Promise<Services> {
  const settings = compileRequestSettings(config);
  if (parts.isQuietAboutPresets !== true)
    for (const warning of settings.options.warnings) parts.logger.log("warn", warning);
  const sources = createSourceRegistry(config, {
    logger: parts.logger,
    metrics: parts.metrics,
    env: environment.variables,
    // The target of a redirect is a URL that the HTTP source has made; the rules are the same as for one of a client.
    checkRedirect: (url) => requireAllowedSource(url as SourceUrl, settings.source),
    cachedFiles: bindCachedFiles(),
  });
  const signal = AbortSignal.timeout(LOAD_TIMEOUT_MS);
  const images = await loadConfiguredImages({ config, sources, signal });
  const processImage = await createImageProcessor({ config, watermark: images.watermark?.bytes, signal, ...parts });
  return {
    ...parts,
    config,
    sources,
    images,
    readRequest: (target) => readImageRequest(target, settings),
    processImage,
    checkHealth: createLibraryCheck(processImage, config),
    version: BUILD_INFO.version,
  };
}
