import { FORMAT_NAMES, formatFromName, IMAGE_FORMATS, type ImageFormat } from "../../formats.ts";
import { nearestWord } from "../../text/nearest.ts";
import { bad, good, type Parsed, type ValueType } from "./value-type.ts";

/** Comma-separated items, blanks around them ignored. Empty items are dropped, but a list of nothing else is refused: as an allow list it would mean "everything". */
export const csv: ValueType<readonly string[]> = {
  name: "list",
  expected: "a comma-separated list",
  parse: (value) => {
    const items = splitList(value).filter((item) => item !== "");
    return items.length === 0 ? bad("it holds only empty items") : good(items);
  },
  print: (items) => items.join(","),
};

/** As `csv`, but an empty item is refused: as a prefix it would match every source. */
export const prefixList: ValueType<readonly string[]> = {
  name: "list",
  expected: "a comma-separated list of URL prefixes without empty items",
  parse: (value) => {
    const items = splitList(value);
    const empty = items.indexOf("");
    return empty === -1
      ? good(items)
      : bad(`item ${empty + 1} is empty and would allow every source; remove the comma`);
  },
  print: (items) => items.join(","),
};

/** Comma-separated keys or salts in hexadecimal. An empty item is refused: anybody could sign with it. */
export const hexList: ValueType<readonly Uint8Array[]> = {
  name: "hex list",
  expected: "comma-separated hexadecimal strings, each with an even number of digits",
  parse: (value) => {
    const items = splitList(value);
    for (const [index, item] of items.entries()) {
      const number = `item ${index + 1} of ${items.length}`;
      if (item === "") return bad(`${number} is empty, so anybody could sign; remove the comma`);
      if (!/^[0-9a-f]+$/i.test(item)) return bad(`${number} is not hexadecimal`);
      if (item.length % 2 === 1) return bad(`${number} has an odd number of digits`);
    }
    return good(items.map((item) => new Uint8Array(Buffer.from(item, "hex"))));
  },
  print: (items) => items.map((item) => Buffer.from(item).toString("hex")).join(","),
};

export type Pair = { readonly key: string; readonly value: string };

/** `pattern=replacement;pattern=replacement`, in order, nothing trimmed. */
export const replacementList: ValueType<readonly Pair[]> = {
  name: "pairs",
  expected: "pattern=replacement pairs separated by semicolons",
  parse: parsePairs,
  print: (pairs) => pairs.map(({ key, value }) => `${key}=${value}`).join(";"),
};

/** `name=value;name=value`, blanks around names and values ignored; the last of equal names counts. */
export const map: ValueType<ReadonlyMap<string, string>> = {
  name: "map",
  expected: "name=value pairs separated by semicolons",
  parse: (text) => {
    const parsed = parsePairs(text);
    return parsed.isGood ? good(new Map(parsed.value.map(({ key, value }) => [key.trim(), value.trim()]))) : parsed;
  },
  print: (entries) => [...entries].map(([key, value]) => `${key}=${value}`).join(";"),
};

/** Comma-separated format names. */
export const formatList: ValueType<readonly ImageFormat[]> = {
  name: "formats",
  expected: `comma-separated image formats (${FORMAT_NAMES.join(", ")})`,
  parse: parseFormats,
  print: (formats) => formats.join(","),
};

/** As `formatList`; formats that cannot be the result of processing are dropped with a warning, none left is an error. */
export const resultFormatList: ValueType<readonly ImageFormat[]> = {
  ...formatList,
  parse: (text) => {
    const parsed = parseFormats(text);
    if (!parsed.isGood) return parsed;
    const kept = parsed.value.filter(isResultFormat);
    const dropped = parsed.value.filter((format) => !isResultFormat(format));
    if (kept.length === 0) return bad(`none of these can be written: ${dropped.join(", ")}`);
    return good(kept, dropped.length === 0 ? undefined : `names formats that cannot be written: ${dropped.join(", ")}`);
  },
};

export type FormatQuality = Readonly<Partial<Record<ImageFormat, number>>>;

/** What the reference takes for formats that IMGPROXY_FORMAT_QUALITY does not name. */
export const DEFAULT_FORMAT_QUALITY: FormatQuality = { webp: 79, avif: 63, jxl: 77 };

/** `format=quality` pairs; what is given is merged over the defaults. */
export const formatQuality: ValueType<FormatQuality> = {
  name: "format qualities",
  expected: "comma-separated format=quality pairs such as jpg=80,webp=90, with qualities from 1 to 100",
  parse: (text) => {
    const qualities: Partial<Record<ImageFormat, number>> = { ...DEFAULT_FORMAT_QUALITY };
    for (const item of splitList(text)) {
      const [, name, digits] = /^([^=]*)=([^=]*)$/.exec(item) ?? [];
      if (name === undefined || digits === undefined) return bad(`"${item}" is no pair`);
      const format = readFormat(name.trim());
      if (!format.isGood) return format;
      const quality = /^\+?\d+$/.test(digits.trim()) ? Number(digits) : 0;
      if (quality < 1 || quality > 100) return bad(`the quality in "${item}" is not from 1 to 100`);
      qualities[format.value] = quality;
    }
    return good(qualities);
  },
  print: (qualities) =>
    Object.entries(qualities)
      .map(([format, quality]) => `${format}=${quality}`)
      .join(","),
};

function splitList(text: string): string[] {
  return text.split(",").map((item) => item.trim());
}

function parsePairs(text: string): Parsed<readonly Pair[]> {
  const items = text.split(";");
  const broken = items.findIndex((item) => !item.includes("="));
  if (broken !== -1) return bad(`item ${broken + 1} has no "="${items[broken] === "" ? "; remove the semicolon" : ""}`);
  return good(
    items.map((item) => {
      const equals = item.indexOf("=");
      return { key: item.slice(0, equals), value: item.slice(equals + 1) };
    }),
  );
}

function parseFormats(text: string): Parsed<readonly ImageFormat[]> {
  const formats: ImageFormat[] = [];
  for (const name of splitList(text)) {
    const format = readFormat(name);
    if (!format.isGood) return format;
    if (!formats.includes(format.value)) formats.push(format.value);
  }
  return good(formats);
}

function readFormat(name: string): Parsed<ImageFormat> {
  const format = formatFromName(name.toLowerCase());
  if (format !== undefined) return good(format);
  const near = nearestWord(name, FORMAT_NAMES);
  return bad(`"${name}" is no image format${near === undefined ? "" : `; did you mean "${near}"?`}`);
}

/** SVG is only ever passed through, so it cannot be what another source is turned into. */
function isResultFormat(format: ImageFormat): boolean {
  return IMAGE_FORMATS[format].canSave && format !== "svg";
}
