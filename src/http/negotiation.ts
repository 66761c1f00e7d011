import type { AcceptedFormats, PipelineSettings } from "../pipeline/types.ts";
import type { HeaderReader } from "./header-text.ts";

/** Which formats the client's `Accept` names: a plain substring search without q values, as the reference does. */
export function acceptedFormats(request: HeaderReader): AcceptedFormats {
  const accept = request.get("accept") ?? "";
  return {
    webp: accept.includes("image/webp"),
    avif: accept.includes("image/avif"),
    jxl: accept.includes("image/jxl"),
  };
}

/** The settings that let `Accept` choose the format. */
export type FormatNegotiation = Pick<
  PipelineSettings,
  "autoWebp" | "enforceWebp" | "autoAvif" | "enforceAvif" | "autoJxl" | "enforceJxl"
>;

/** Whether any of them is on. */
export function acceptChoosesFormat(config: FormatNegotiation): boolean {
  return (
    config.autoWebp ||
    config.enforceWebp ||
    config.autoAvif ||
    config.enforceAvif ||
    config.autoJxl ||
    config.enforceJxl
  );
}

/** The request headers an answer depends on. */
export type NegotiationSettings = {
  /** Whether any AUTO_ or ENFORCE_ setting lets `Accept` choose the format. */
  readonly usesAccept: boolean;
  readonly usesClientHints: boolean;
};

/** The value of `Vary`, or undefined when the answer depends on the URL alone. */
export function vary({ usesAccept, usesClientHints }: NegotiationSettings): string | undefined {
  const names = [
    ...(usesAccept ? ["Accept"] : []),
    ...(usesClientHints ? ["Sec-Ch-Dpr", "Dpr", "Sec-Ch-Width", "Width"] : []),
  ];
  return names.length === 0 ? undefined : names.join(", ");
}
