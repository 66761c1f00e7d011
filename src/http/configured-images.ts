import { readFile } from "node:fs/promises";
import type { Config } from "../config/config.ts";
import { AppError, toAppError } from "../errors.ts";
import { detectFormat } from "../image/detect-format.ts";
import { readBody } from "../source/read-body.ts";
import { sourceFor } from "../source/registry.ts";
import type { SourceRegistry, SourceUrl } from "../source/types.ts";
import { requireWholeSource } from "../source/whole-source.ts";

/** An image of the configuration, whole in memory. */
export type ConfiguredImage = {
  readonly bytes: Uint8Array;
  /** The `cache-control` its origin sent with it; undefined for a file or inline data. */
  readonly cacheControl: string | undefined;
};

export type ConfiguredImages = {
  readonly fallback: ConfiguredImage | undefined;
  readonly watermark: ConfiguredImage | undefined;
};

export type LoadImagesParts = {
  readonly config: Config;
  readonly sources: SourceRegistry;
  readonly signal: AbortSignal;
};

/**
 * Loads the fallback and the watermark image, each from base64 data, else a file, else a source URL. Throws an `AppError`
 * of kind `config` that names the variable when one is set and its image cannot be had.
 */
export async function loadConfiguredImages(parts: LoadImagesParts): Promise<ConfiguredImages> {
  const { config } = parts;
  const [fallback, watermark] = await Promise.all([
    loadImage(parts, {
      prefix: "IMGPROXY_FALLBACK_IMAGE",
      data: config.fallbackImageData,
      path: config.fallbackImagePath,
      url: config.fallbackImageUrl,
    }),
    loadImage(parts, {
      prefix: "IMGPROXY_WATERMARK",
      data: config.watermarkData,
      path: config.watermarkPath,
      url: config.watermarkUrl,
    }),
  ]);
  return { fallback, watermark };
}

type ImageOrigin = {
  readonly prefix: string;
  readonly data: Uint8Array | null;
  readonly path: string;
  readonly url: string;
};

async function loadImage(parts: LoadImagesParts, origin: ImageOrigin): Promise<ConfiguredImage | undefined> {
  const { prefix, data, path, url } = origin;
  if (data !== null) return known(`${prefix}_DATA`, { bytes: data, cacheControl: undefined });
  if (path !== "") {
    const bytes = await readFile(path).catch((error: unknown) => refuse(`${prefix}_PATH`, path, error));
    return known(`${prefix}_PATH`, { bytes, cacheControl: undefined });
  }
  if (url === "") return undefined;
  const image = await download(parts, url).catch((error: unknown) => refuse(`${prefix}_URL`, url, error));
  return known(`${prefix}_URL`, image);
}

async function download({ config, sources, signal }: LoadImagesParts, url: string): Promise<ConfiguredImage> {
  // The operator wrote this URL, so it is one, and no rule for clients' URLs applies to it.
  const sourceUrl = url as SourceUrl;
  const response = await requireWholeSource(
    await sourceFor(sources, sourceUrl).fetch({ url: sourceUrl, headers: {}, signal }),
  );
  const bytes = await readBody(response, { maxBytes: config.maxSrcFileSize, signal });
  return { bytes, cacheControl: response.headers.get("cache-control") ?? undefined };
}

function known(variable: string, image: ConfiguredImage): ConfiguredImage {
  if (detectFormat(image.bytes) !== undefined) return image;
  throw new AppError("config", `${variable} is no image of a known format (${image.bytes.length} bytes)`);
}

function refuse(variable: string, place: string, error: unknown): never {
  throw new AppError("config", `${variable} cannot be loaded from ${place}: ${toAppError(error).message}`, {
    hint: `Correct ${variable} or unset it.`,
    cause: error,
  });
}
