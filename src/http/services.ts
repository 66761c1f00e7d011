import type { ResultCache } from "../cache/result-cache.ts";
import type { Config } from "../config/config.ts";
import type { FormatHint } from "../image/detect-format.ts";
import type { ImageCodecs } from "../image/wasm/image-codecs.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { AcceptedFormats, RenderedImage } from "../pipeline/types.ts";
import type { SourceRegistry } from "../source/types.ts";
import type { ErrorReporter, Logger, Metrics, RequestTracer } from "../telemetry/types.ts";
import type { AnswersAtOnce } from "./answers-at-once.ts";
import type { ConfiguredImages } from "./configured-images.ts";
import type { Edge } from "./edge.ts";
import type { ImageRequest } from "./read-request.ts";
import type { WorkQueue } from "./work-queue.ts";

/** Bytes to be turned into an answer. */
export type ImageJob = {
  readonly bytes: Uint8Array;
  readonly hint: FormatHint;
  readonly options: ProcessingOptions;
  readonly accepted: AcceptedFormats;
  readonly signal: AbortSignal;
};

/** Everything the app works with: built once, passed in, replaced as a whole by a reload. */
export type Services = {
  readonly config: Config;
  /** Checks signature, options and source of a raw request target. Throws `AppError`. */
  readonly readRequest: (target: string) => ImageRequest;
  readonly sources: SourceRegistry;
  /** Limits, decodes, processes and encodes. Throws `AppError`, or the signal's reason. */
  readonly processImage: (job: ImageJob) => Promise<RenderedImage>;
  readonly images: ConfiguredImages;
  readonly codecs: ImageCodecs;
  /** Rejects, or hangs, when the image libraries no longer work. */
  readonly checkHealth?: () => Promise<void>;
  readonly queue: WorkQueue;
  /** Where results are kept; undefined = nowhere. */
  readonly results?: ResultCache | undefined;
  /** The short way to results in memory; the app makes it for itself. */
  readonly atOnce?: AnswersAtOnce | undefined;
  readonly edge: Edge;
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Follows requests for tracing systems; undefined when there are none. */
  readonly tracer?: RequestTracer | undefined;
  /** Tells services that collect errors; undefined when there are none. */
  readonly reporter?: ErrorReporter | undefined;
  /** Of the program, for the landing page and error pages. */
  readonly version: string;
};
