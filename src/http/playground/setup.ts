import { IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import type { RequestSettings } from "../read-request.ts";
import type { Services } from "../services.ts";
import type { Visitor } from "./access.ts";
import type { Setup } from "./api.ts";
import { describeOptions, type OptionNotes } from "./describe-options.ts";
import { listLocalSources } from "./list-sources.ts";
import { maxUploadBytes } from "./upload.ts";

const NO_WATERMARK =
  "This server has no watermark: set IMGPROXY_WATERMARK_PATH, IMGPROXY_WATERMARK_URL or IMGPROXY_WATERMARK_DATA.";

/** Makes the answer that the page begins with; only the list of files is looked up anew each time. */
export function compileSetup(
  { config, version, images }: Services,
  { options: rules, signature }: RequestSettings,
): (visitor: Visitor, signal: AbortSignal) => Promise<Setup> {
  const notes: OptionNotes = images.watermark === undefined ? { watermark: NO_WATERMARK } : {};
  const options = describeOptions(config, rules, notes);
  const fixed = {
    version,
    pathPrefix: config.pathPrefix,
    isSigned: signature.pairs.length > 0,
    signatureSize: signature.size,
    separator: rules.separator,
    isOnlyPresets: rules.isOnlyPresets,
    presets: [...rules.presets.keys()],
    formats: resultFormats(),
    groups: [...new Set(options.map(({ group }) => group))],
    options,
    maxUploadBytes: maxUploadBytes(config),
  };
  return async ({ isTrusted }, signal) => {
    const { playgroundSources: named } = config;
    return { ...fixed, sources: named.length > 0 || !isTrusted ? named : await listLocalSources(config, signal) };
  };
}

function resultFormats(): Setup["formats"] {
  // Object.keys widens to string; the table's keys are exactly ImageFormat.
  return (Object.keys(IMAGE_FORMATS) as ImageFormat[])
    .filter((name) => IMAGE_FORMATS[name].canSave)
    .map((name) => ({ name, mime: IMAGE_FORMATS[name].mime, hasQuality: IMAGE_FORMATS[name].hasQuality }));
}
