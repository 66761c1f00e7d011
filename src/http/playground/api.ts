/**
 * What the playground's page and the server tell each other, as JSON. The page's scripts take their types from here.
 */
import type { ImageFormat } from "../../formats.ts";
import type { Presence } from "../../options/argument.ts";
import type { ArgumentControl, TailControl } from "../../options/control.ts";
import type { ExplainedOption } from "../../options/explain-options.ts";

/** One row of the table of options, for building a form. */
export type OptionDescription = {
  readonly name: string;
  /** How URLs of this server spell it; null = it may not be used here. */
  readonly written: string | null;
  /** Other spellings that mean the same. */
  readonly aliases: readonly string[];
  readonly group: string;
  readonly doc: string;
  /** Why it changes nothing on this server. */
  readonly note: string | null;
  /** The option that takes the arguments of this one too, from that index on. */
  readonly partOf: { readonly option: string; readonly from: number } | null;
  readonly arguments: readonly {
    readonly name: string;
    /** `required` and `trailing` ones cannot be empty where something follows. */
    readonly presence: Presence;
    /** Ends the sentence "width must be …". */
    readonly expected: string;
    /** The default as it would be written, or words for it. */
    readonly initial: string;
    readonly control: ArgumentControl;
  }[];
  readonly tail: {
    readonly usage: string;
    readonly initial: string;
    readonly control: TailControl;
    /** Whether the option is complete without it. */
    readonly isOptional: boolean;
  } | null;
};

/** Answer of `GET playground/setup`: what the page needs to know of the server. */
export type Setup = {
  readonly version: string;
  readonly pathPrefix: string;
  /** Whether URLs must be signed. */
  readonly isSigned: boolean;
  /** Bytes of a signature, 1…32. */
  readonly signatureSize: number;
  /** Between an option and its arguments. */
  readonly separator: string;
  readonly isOnlyPresets: boolean;
  readonly presets: readonly string[];
  /** Formats that results can have. */
  readonly formats: readonly { readonly name: ImageFormat; readonly mime: string; readonly hasQuality: boolean }[];
  readonly groups: readonly string[];
  readonly options: readonly OptionDescription[];
  /** Sources to offer, best first. */
  readonly sources: readonly string[];
  readonly maxUploadBytes: number;
};

/** An option as a URL has it: its canonical name (or what stands there, when it is unknown) and its arguments. */
export type WrittenOption = { readonly name: string; readonly arguments: readonly string[] };

/** Why something cannot be done, in the words of the error page. */
export type Fault = {
  readonly message: string;
  readonly hint: string | null;
  /** The option it is about, by its place in the URL. */
  readonly optionIndex: number | null;
};

/** A URL, taken apart and signed. */
export type UrlReading = {
  /** What is signed: everything behind the signature. */
  readonly path: string;
  /** Path prefix, signature and path. */
  readonly target: string;
  readonly options: readonly WrittenOption[];
  readonly source: string;
  readonly encoding: "plain" | "base64";
  /** Extension without its mark; empty = none. */
  readonly extension: string;
  /** What the options ask for beyond the defaults; empty where they are at fault. */
  readonly explained: readonly ExplainedOption[];
};

/** Answer of `GET playground/url`. A reading may come with a fault: the URL can be taken apart, but the server refuses it. */
export type UrlAnswer = { readonly reading: UrlReading | null; readonly fault: Fault | null };

/** Answer of `playground/plan`: what the source is, and what would be done to it. */
export type PlanAnswer = {
  readonly source: {
    readonly format: ImageFormat;
    /** Pixels, as stored. */
    readonly width: number;
    readonly height: number;
    readonly bytes: number;
    readonly frames: number;
    readonly hasAlpha: boolean;
    /** EXIF 1…8. */
    readonly orientation: number;
    readonly hasProfile: boolean;
  };
  /** One fact a line. */
  readonly plan: string;
};

/** Answer with a status from 400 on. */
export type FaultAnswer = { readonly fault: Fault };
