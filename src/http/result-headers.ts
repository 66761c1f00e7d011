import type { Config } from "../config/config.ts";
import { IMAGE_FORMATS } from "../formats.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { RenderedImage } from "../pipeline/types.ts";
import type { SourceUrl } from "../source/types.ts";
import type { HeaderList } from "./answer.ts";
import { cacheControl } from "./cache-control.ts";
import { corsHeaders } from "./cors.ts";
import { contentDisposition } from "./disposition.ts";
import type { HeaderRules } from "./header-rules.ts";
import { utf8HeaderValue } from "./header-text.ts";
import { acceptChoosesFormat, vary } from "./negotiation.ts";
import { resultValidators, type ValidatorSettings } from "./validators.ts";

/** Where an answer comes from and what was asked. */
export type ResultFacts = {
  readonly status: number;
  readonly options: ProcessingOptions;
  readonly source: SourceUrl;
  /** Of the answer the image was made from: the source's, or what is kept of the fallback's. */
  readonly sourceHeaders: Headers;
  readonly isFallback: boolean;
};

export type ImageFacts = ResultFacts & {
  readonly image: Omit<RenderedImage, "bytes">;
  readonly sourceBytes: number;
};

/** The headers of the three kinds of success, each decided by the configuration once and the facts of a request. */
export interface ResultHeaders {
  image(facts: ImageFacts): HeaderList;
  notModified(facts: ResultFacts): HeaderList;
  /** Those that a raw answer shares: caching, canonical link, CORS. */
  raw(facts: ResultFacts): HeaderList;
  /** On image answers of every kind, errors too. */
  readonly cors: HeaderList;
}

/** Compiles what does not depend on the request. */
export function compileResultHeaders(config: Config, rules: HeaderRules): ResultHeaders {
  const validators = validatorSettings(config);
  const varies = vary({ usesAccept: acceptChoosesFormat(config), usesClientHints: config.enableClientHints });
  const cors = corsHeaders(config.allowOrigin);
  const varyHeader: HeaderList = varies === undefined ? [] : [["Vary", varies]];

  const caching = (facts: ResultFacts): HeaderList => {
    const value = cacheControl(
      {
        status: facts.status,
        expires: facts.options.expires,
        fallbackTtlSeconds: facts.isFallback ? config.fallbackImageTtlSeconds : 0,
        sourceHeaders: facts.sourceHeaders,
        now: Date.now(),
      },
      { ttlSeconds: config.ttlSeconds, isPassedThrough: config.cacheControlPassthrough },
    );
    return value === undefined ? [] : [["Cache-Control", value]];
  };
  const canonical = (facts: ResultFacts): HeaderList =>
    config.setCanonicalHeader && /^https?:/i.test(facts.source) ? [["Link", canonicalLink(facts.source)]] : [];
  // First, so that ours replace those of the same name.
  const passed = (facts: ResultFacts) => rules.toClient(facts.sourceHeaders);
  const ownValidators = (facts: ResultFacts) =>
    facts.isFallback ? [] : resultValidators(facts.sourceHeaders, validators);

  return {
    image: (facts) => [
      ...passed(facts),
      ["Content-Type", IMAGE_FORMATS[facts.image.format].mime],
      ["Content-Disposition", disposition(facts)],
      ...caching(facts),
      ...ownValidators(facts),
      ...varyHeader,
      ...canonical(facts),
      ...cors,
      ...(config.enableDebugHeaders ? debugHeaders(facts) : []),
    ],
    notModified: (facts) => [...passed(facts), ...caching(facts), ...ownValidators(facts), ...varyHeader, ...cors],
    raw: (facts) => [...passed(facts), ...caching(facts), ...canonical(facts), ...cors],
    cors,
  };
}

/** The part of the configuration that conditional requests need. */
export function validatorSettings(config: Config): ValidatorSettings {
  return {
    usesEtag: config.useEtag,
    usesLastModified: config.useLastModified,
    etagBuster: config.etagBuster,
    lastModifiedBuster: config.lastModifiedBuster?.getTime() ?? null,
  };
}

function disposition({ options, source, image }: ImageFacts): string {
  return contentDisposition({
    filename: options.filename,
    sourceUrl: source,
    extension: IMAGE_FORMATS[image.format].extension,
    isAttachment: options.returnAttachment,
  });
}

function debugHeaders({ image, sourceBytes }: ImageFacts): HeaderList {
  return [
    ["X-Origin-Content-Length", String(sourceBytes)],
    ["X-Origin-Width", String(image.sourceWidth)],
    ["X-Origin-Height", String(image.sourceHeight)],
    ["X-Result-Width", String(image.width)],
    ["X-Result-Height", String(image.height)],
  ];
}

/** What would end the link, or the header, is percent-encoded; the rest of the URL stands as it was asked for. */
function canonicalLink(source: SourceUrl): string {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are part of what must go
  const url = source.replace(/[\u0000-\u0020<>"\u007f]/g, (char) => encodeURIComponent(char));
  return `<${utf8HeaderValue(url)}>; rel="canonical"`;
}
