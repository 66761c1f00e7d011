import { type DefaultSettings, defaultOptions } from "../options/default-options.ts";
import { compileDifferingOptions, type PrintedOption } from "../options/print-options.ts";
import type { ProcessingOptions } from "../options/types.ts";
import type { LogFields, LogValue } from "../telemetry/types.ts";

/** What an option that sets several stands for, in the order of its arguments. */
const PARTS_OF: Readonly<Record<string, readonly string[]>> = {
  resize: ["resizing_type", "width", "height", "enlarge", "extend"],
};

/** Gives the options of a request as fields of a log line; `cachebuster` is the URL's. */
export type OptionsDescriber = (options: ProcessingOptions, cachebuster: string) => LogFields;

/** Only what differs from the server's defaults is told, under the long names, as the reference's log does. */
export function compileOptionsDescriber(settings: DefaultSettings): OptionsDescriber {
  const differing = compileDifferingOptions(defaultOptions(settings));
  // The same options are described again for reports, and for every answer that is given again.
  const described = new WeakMap<ProcessingOptions, LogFields>();
  const describe = (options: ProcessingOptions): LogFields => {
    const known = described.get(options);
    if (known !== undefined) return known;
    const fields: (readonly [string, LogValue])[] = [];
    for (const printed of differing(options)) addFields(fields, printed);
    const sorted = Object.fromEntries(fields.sort(([one], [other]) => (one < other ? -1 : 1)));
    described.set(options, sorted);
    return sorted;
  };
  return (options, cachebuster) =>
    cachebuster === "" ? describe(options) : { ...describe(options), cachebuster: asValue(cachebuster) };
}

function addFields(fields: (readonly [string, LogValue])[], { row, arguments: args }: PrintedOption): void {
  const parts = PARTS_OF[row.name];
  if (parts === undefined) fields.push([row.name, asValue(args.join(":"))]);
  for (const [index, name] of parts?.entries() ?? []) {
    const text = args[index];
    if (text !== undefined && text !== "") fields.push([name, asValue(text)]);
  }
}

/** Numbers stay numbers, so that log stores can compare them. */
function asValue(text: string): LogValue {
  return /^-?\d+(?:\.\d+)?$/.test(text) ? Number(text) : text;
}
