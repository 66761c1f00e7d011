import type { ImageFormat } from "../formats.ts";
import { printPath, printTarget } from "../url/print-path.ts";
import { signPathWithWebCrypto } from "../url/sign-in-browser.ts";
import { optionSegments, type WantedOptions } from "./wanted-options.ts";

/** Where the server is and how it wants its URLs. */
export type ClientSettings = {
  /** Scheme, host and, where it has one, path prefix of the server; empty for paths alone. */
  readonly baseUrl: string;
  /** Hexadecimal, as in IMGPROXY_KEY and IMGPROXY_SALT. Without them URLs are unsigned. Never put them into a web page. */
  readonly key?: string;
  readonly salt?: string;
  /** As IMGPROXY_SIGNATURE_SIZE. */
  readonly signatureSize?: number;
  /** How the source is written. Default `plain`: readable, and what a CDN's log shows. */
  readonly encoding?: "plain" | "base64";
  /** As IMGPROXY_ARGUMENTS_SEPARATOR. */
  readonly argumentsSeparator?: string;
};

/** One request. */
export type Wish = WantedOptions & {
  /** Names of presets, applied before the options. */
  readonly presets?: readonly string[];
  /** Option segments as they stand in a URL, after everything else: for what these types do not know. */
  readonly segments?: readonly string[];
};

/** The sizes of a `srcset`: widths in pixels, or pixel densities. */
export type SrcsetVariants = { readonly widths: readonly number[] } | { readonly densities: readonly number[] };

/** Builds URLs of one server. */
export type Client = {
  /** A URL for `src`. */
  url(source: string, wish?: Wish): Promise<string>;
  /** A value for `srcset`: `URL 320w, URL 640w` or `URL 1x, URL 2x`. */
  srcset(source: string, variants: SrcsetVariants, wish?: Wish): Promise<string>;
  /** Attributes of the `source` elements of a `picture`, best format first, and of the `img` behind them. */
  picture(source: string, variants: SrcsetVariants, wish?: PictureWish): Promise<Picture>;
};

export type PictureWish = Wish & {
  /** Formats for browsers that know them, best first. Default AVIF and WebP. */
  readonly formats?: readonly ImageFormat[];
};

export type Picture = {
  readonly sources: readonly { readonly type: string; readonly srcset: string }[];
  readonly img: { readonly src: string; readonly srcset: string };
};

const UNSIGNED = "unsafe";

/**
 * Makes a client. Runs wherever there is Web Crypto: browsers, Node.js, Deno, Bun, workers at the edge.
 * Throws a `TypeError` for a key without a salt or one that is not hexadecimal.
 *
 * @example
 * const images = createClient({ baseUrl: "https://img.example.com", key: "736563726574", salt: "68656c6c6f" });
 * await images.url("s3://bucket/cat.jpg", { resizingType: "fill", width: 300, height: 200, gravity: "sm", format: "webp" });
 */
export function createClient(settings: ClientSettings): Client {
  const { baseUrl, signatureSize = 32, encoding = "plain", argumentsSeparator = ":" } = settings;
  const pair = keyPair(settings);
  const base = baseUrl.replace(/\/+$/, "");

  async function url(source: string, wish: Wish = {}): Promise<string> {
    const { presets = [], segments = [], format, ...wanted } = wish;
    const named = presets.length === 0 ? [] : [["pr", ...presets].join(argumentsSeparator)];
    const options = [...named, ...optionSegments(wanted, argumentsSeparator), ...segments];
    const path = printPath({ options, source, extension: format ?? "", encoding });
    const signature = pair === undefined ? UNSIGNED : await signPathWithWebCrypto(path, pair, signatureSize);
    return base + printTarget(path, signature);
  }

  async function srcset(source: string, variants: SrcsetVariants, wish: Wish = {}): Promise<string> {
    const entries =
      "widths" in variants
        ? variants.widths.map((width) => ({ change: { width }, descriptor: `${width}w` }))
        : variants.densities.map((dpr) => ({ change: { dpr }, descriptor: `${dpr}x` }));
    const written = entries.map(
      async ({ change, descriptor }) => `${await url(source, { ...wish, ...change })} ${descriptor}`,
    );
    return (await Promise.all(written)).join(", ");
  }

  async function picture(source: string, variants: SrcsetVariants, wish: PictureWish = {}): Promise<Picture> {
    const { formats = ["avif", "webp"], ...rest } = wish;
    const sources = formats.map(async (format) => ({
      type: `image/${format}`,
      srcset: await srcset(source, variants, { ...rest, format }),
    }));
    const img = { src: await url(source, rest), srcset: await srcset(source, variants, rest) };
    return { sources: await Promise.all(sources), img };
  }

  return { url, srcset, picture };
}

function keyPair({ key = "", salt = "" }: ClientSettings): { key: Uint8Array; salt: Uint8Array } | undefined {
  if (key === "" && salt === "") return undefined;
  if (key === "" || salt === "") throw new TypeError("key and salt go together");
  return { key: fromHex(key, "key"), salt: fromHex(salt, "salt") };
}

function fromHex(text: string, name: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})+$/i.test(text)) throw new TypeError(`${name} must be hexadecimal`);
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
