import { AppError, toAppError } from "../../errors.ts";
import { explainOptions } from "../../options/explain-options.ts";
import { applyExtension, parseOptions } from "../../options/parse-options.ts";
import { PRESET_OPTION } from "../../options/table/delivery-options.ts";
import { findOption } from "../../options/table/option-table.ts";
import type { ProcessingOptions } from "../../options/types.ts";
import { decodeSource } from "../../url/decode-source.ts";
import { parsePath } from "../../url/parse-path.ts";
import { printPath, printTarget } from "../../url/print-path.ts";
import { repairPath } from "../../url/repair-path.ts";
import { signPath } from "../../url/signature.ts";
import { requireAllowedSource, resolveSource } from "../../url/source-rules.ts";
import { requireWellFormed, splitTarget } from "../../url/target.ts";
import type { RequestSettings } from "../read-request.ts";
import type { Fault, UrlAnswer, UrlReading, WrittenOption } from "./api.ts";

/** What a form has put together. */
export type UrlParts = {
  /** Segments, `rs:fill:300:200`. */
  readonly options: readonly string[];
  readonly source: string;
  readonly extension: string;
  readonly encoding: UrlReading["encoding"];
};

/** Takes URLs apart, puts them together and signs them; never throws for what a user wrote. */
export interface UrlReader {
  /** Of a whole URL, or of its target; whatever its signature. */
  ofUrl(url: string): UrlAnswer;
  /** Of what stands behind the signature. */
  ofPath(path: string): UrlAnswer;
  ofParts(parts: UrlParts): UrlAnswer;
  /** The options alone, for bytes that come without a URL. Throws `AppError`. */
  options(segments: readonly string[], extension: string): ProcessingOptions;
}

const NO_SIGNATURE = "unsafe";
/** What a segment may hold: nothing that would end it, nor an escape, since options are not decoded. */
const SEGMENT = /^[A-Za-z0-9\-._~!$&'()*+,;=:@]*$/;

/** Builds the reader for the settings of a server. */
export function compileUrlReader(settings: RequestSettings): UrlReader {
  const { options: rules, source: sourceRules, pathPrefix } = settings;

  function sign(path: string): string {
    const [pair] = settings.signature.pairs;
    return pair === undefined ? NO_SIGNATURE : signPath(path, pair, settings.signature.size);
  }

  function readOptions(segments: readonly string[], extension: string): ProcessingOptions {
    const now = Math.floor(Date.now() / 1000);
    return applyExtension(parseOptions(segments, rules, now), extension);
  }

  function written(segment: string): WrittenOption {
    if (rules.isOnlyPresets) return { name: PRESET_OPTION, arguments: segment.split(rules.separator) };
    const [name = "", ...args] = segment.split(rules.separator);
    return { name: findOption(name)?.name ?? name, arguments: args };
  }

  function read(sent: string): UrlAnswer {
    const path = repairPath(sent);
    const parsed = parsePath(path, rules);
    const { url, extension } = decodeSource(parsed.source, settings.base64UrlIncludesFilename);
    const reading: UrlReading = {
      path,
      target: printTarget(path, sign(path), pathPrefix),
      options: parsed.options.map(written),
      source: url,
      encoding: parsed.source.startsWith("plain/") ? "plain" : "base64",
      extension,
      explained: [],
    };
    try {
      const options = readOptions(parsed.options, extension);
      requireAllowedSource(resolveSource(url, sourceRules), sourceRules);
      return { reading: { ...reading, explained: explainOptions(options, rules.base) }, fault: null };
    } catch (error) {
      return { reading, fault: faultOf(error) };
    }
  }

  function print({ options, ...rest }: UrlParts): string {
    const wrong = options.findIndex((segment) => !SEGMENT.test(segment));
    if (wrong >= 0) {
      const hint = "Options are not percent-decoded: only letters, digits and -._~!$&'()*+,;=:@ can stand in them.";
      const text = `option ${wrong + 1}, ${JSON.stringify(options[wrong])}, cannot stand in a URL`;
      throw new AppError("invalid_url", text, { hint });
    }
    return printPath({ options, ...rest });
  }

  return {
    ofUrl: (url) =>
      answer(() => {
        const target = url.replace(/^[a-z][a-z0-9+.-]*:\/\/[^/]*/i, "");
        requireWellFormed(target);
        return read(splitTarget(target, pathPrefix).path);
      }),
    ofPath: (path) =>
      answer(() => {
        requireWellFormed(path);
        return read(path);
      }),
    ofParts: (parts) => answer(() => read(print(parts))),
    options: readOptions,
  };
}

function answer(work: () => UrlAnswer): UrlAnswer {
  try {
    return work();
  } catch (error) {
    return { reading: null, fault: faultOf(error) };
  }
}

/** An error as the page shows it. Errors of options begin with their place. */
export function faultOf(thrown: unknown): Fault {
  const { message, hint } = toAppError(thrown);
  const place = /^option (\d+),/.exec(message)?.[1];
  return { message, hint: hint ?? null, optionIndex: place === undefined ? null : Number(place) - 1 };
}
