import { readableFile } from "../types/file-types.ts";
import { replacementList } from "../types/list-types.ts";
import { bool, text } from "../types/text-types.ts";
import { variable } from "../variable.ts";

/** How URLs are read, and the presets they may name. */
export const URL_VARIABLES = {
  baseUrl: variable("IMGPROXY_BASE_URL", text, "", {
    doc: "Put before source URLs that do not begin with it already; no slash is added.",
  }),
  urlReplacements: variable("IMGPROXY_URL_REPLACEMENTS", replacementList, [], {
    doc: "`PATTERN=REPLACEMENT;…`, applied in order to the beginning of source URLs; `*` stands for any characters but `/`, `$1` for what the first stood for.",
  }),
  base64UrlIncludesFilename: variable("IMGPROXY_BASE64_URL_INCLUDES_FILENAME", bool, false, {
    doc: "The last part of a base64 source is a file name and is ignored.",
  }),
  argumentsSeparator: variable("IMGPROXY_ARGUMENTS_SEPARATOR", text, ":", {
    doc: "Separates the arguments of options.",
  }),
  sourceUrlQuerySeparator: variable("IMGPROXY_SOURCE_URL_QUERY_SEPARATOR", text, "?", {
    doc: "Separates key and version in URLs of local files and object stores. Set but empty = never separated.",
    isBlankAValue: true,
  }),
  presets: variable("IMGPROXY_PRESETS", text, "", {
    doc: "Presets, `NAME=OPTIONS`, separated by IMGPROXY_PRESETS_SEPARATOR.",
  }),
  presetsSeparator: variable("IMGPROXY_PRESETS_SEPARATOR", text, ",", {
    doc: "Separates the presets in IMGPROXY_PRESETS.",
  }),
  presetsPath: variable("IMGPROXY_PRESETS_PATH", readableFile, "", {
    doc: "File with one preset a line and `#` comments, added after IMGPROXY_PRESETS.",
  }),
  onlyPresets: variable("IMGPROXY_ONLY_PRESETS", bool, false, {
    doc: "URLs may only name presets.",
  }),
};
