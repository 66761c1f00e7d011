import { decodeBase64Url, encodeBase64Url, withoutPadding } from "../../text/base64url.ts";
import { flag, integer, text } from "../argument.ts";
import { refuseArgument } from "../option-errors.ts";
import { option, requestField, type Tail } from "../option-row.ts";

const isEncoded = flag("encoded", { initial: "0" });
/** What can stand in a URL as it is, whatever the separator of arguments. */
const UNAMBIGUOUS = /^[A-Za-z0-9]*$/;

const name: Tail<string> = {
  usage: "name:[encoded]",
  type: "text; URL-safe base64 when encoded is true",
  expected: "URL-safe base64",
  initial: "from the source URL",
  control: { kind: "file-name" },
  most: 2,
  read: (segment, from) => {
    const written = segment.arguments[from] ?? "";
    if (isEncoded.read(segment.arguments[from + 1] ?? "") !== true) return written;
    const bytes = decodeBase64Url(withoutPadding(written));
    if (bytes === undefined) refuseArgument(segment, from, { name: "name", expected: "URL-safe base64" });
    return new TextDecoder().decode(bytes);
  },
};

const names: Tail<readonly string[]> = {
  usage: "name:[name]:…",
  type: "names of presets",
  expected: "the name of a preset",
  initial: "`default`, when there is one",
  control: { kind: "presets" },
  most: Number.POSITIVE_INFINITY,
  read: (segment, from) => segment.arguments.slice(from),
};

/** The name of the option that stands for others: the parser replaces it by what the presets hold. */
export const PRESET_OPTION = "preset";

export const CACHEBUSTER_OPTION = requestField("cachebuster", {
  name: "cachebuster",
  aliases: ["cb"],
  group: "Delivery",
  doc: "Does nothing but make the URL another one, so that caches between client and server ask again.",
  argument: text("value", { initial: "" }),
  examples: ["cb:v2"],
});

export const DELIVERY_OPTIONS = [
  CACHEBUSTER_OPTION,
  requestField("bypassCache", {
    name: "bypass_cache",
    aliases: ["bc"],
    group: "Delivery",
    doc: "Makes the result anew and does not keep it, where results are kept. Needs IMGPROXY_ALLOW_BYPASS_CACHE.",
    argument: flag("bypass", { initial: "0" }),
    examples: ["bc:1"],
  }),
  requestField("expires", {
    name: "expires",
    aliases: ["exp"],
    group: "Delivery",
    doc: "Unix time after which the URL is refused; it also shortens how long caches may keep the result. 0 and negative numbers mean never.",
    argument: { ...integer("timestamp", { initial: "0" }), control: { kind: "time" } },
    examples: ["exp:4102444800"],
    check: ([timestamp], now) => (isExpired(timestamp, now) ? expiredSince(timestamp) : undefined),
  }),
  option({
    name: "filename",
    aliases: ["fn"],
    group: "Delivery",
    doc: "Name of the result without its extension, for clients that save it. It is not percent-decoded; send names with special characters as URL-safe base64 with encoded set. Empty takes the name from the source URL.",
    arguments: [],
    tail: name,
    examples: ["fn:holiday", "fn:w5xiZXJzaWNodA:1"],
    apply: (_, filename = "") => ({ request: { filename: filename === "" ? null : filename } }),
    print: ({ request: { filename } }, { request: base }) => {
      if (filename === base.filename) return undefined;
      if (filename === null || UNAMBIGUOUS.test(filename)) return [filename ?? ""];
      return [encodeBase64Url(new TextEncoder().encode(filename)), isEncoded.print(true)];
    },
  }),
  requestField("returnAttachment", {
    name: "return_attachment",
    aliases: ["att"],
    group: "Delivery",
    doc: "Makes browsers save the result instead of showing it.",
    argument: flag("return_attachment", { initial: "0" }),
    examples: ["att:1"],
  }),
  option({
    name: PRESET_OPTION,
    aliases: ["pr"],
    group: "Delivery",
    doc: "Applies presets, in this order, as if their options stood here. The preset `default` is applied to every URL before anything else.",
    arguments: [],
    tail: names,
    examples: [],
    apply: () => ({}),
    print: () => undefined, // What presets set is printed by the options that they hold.
  }),
] as const;

/** Whether a URL that carries this `expires` is to be refused; the second itself still passes. */
export function isExpired(timestamp: number, now: number): boolean {
  return timestamp > 0 && timestamp < now;
}

export function expiredSince(timestamp: number): string {
  const date = new Date(timestamp * 1000);
  return `the URL expired at ${Number.isNaN(date.getTime()) ? timestamp : date.toISOString()}`;
}
