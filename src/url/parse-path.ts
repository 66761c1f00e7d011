import { AppError } from "../errors.ts";

export type PathRules = {
  /** IMGPROXY_ARGUMENTS_SEPARATOR. */
  readonly separator: string;
  /** IMGPROXY_ONLY_PRESETS: the first segment is a list of presets, everything else the source. */
  readonly isOnlyPresets: boolean;
};

export type ParsedPath = {
  /** Option segments, or the one list of presets. */
  readonly options: readonly string[];
  /** The source as written, its encoding and extension included: `plain/…@webp` or base64. May be empty. */
  readonly source: string;
};

/** The first segment of the URL format that was given up long ago: `/fill/300/400/ce/0/…`. */
const BASIC_FORMAT: ReadonlySet<string> = new Set(["fit", "fill", "fill-down", "force", "auto"]);

/**
 * Splits a repaired path into options and source. A segment is an option exactly when it holds the separator; the first
 * one that does not begins the source, whatever follows. Throws `AppError("invalid_url")` for the basic URL format.
 */
export function parsePath(path: string, { separator, isOnlyPresets }: PathRules): ParsedPath {
  const options: string[] = [];
  let start = 1; // behind the leading slash
  while (start <= path.length) {
    const slash = path.indexOf("/", start);
    const end = slash < 0 ? path.length : slash;
    const segment = path.slice(start, end);
    if (isOnlyPresets ? options.length === 1 : !segment.includes(separator)) break;
    options.push(segment);
    start = end + 1;
  }
  const source = path.slice(start);
  if (!isOnlyPresets && options.length === 0) refuseBasicFormat(source);
  return { options, source };
}

function refuseBasicFormat(source: string): void {
  const [first = ""] = source.split("/", 1);
  if (!BASIC_FORMAT.has(first)) return;
  throw new AppError("invalid_url", `"${first}" begins a URL of the old basic format, which is no longer supported`, {
    hint: `Write options with their names, for example rs:${first}:300:200.`,
  });
}
