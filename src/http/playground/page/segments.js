/** @import { OptionDescription, Setup, UrlReading } from "../api.ts" */

/**
 * What the form holds: arguments by name of option, an empty text where one is not given. Options that are part of a
 * compound one (`width` of `resize`) have no entry of their own.
 * @typedef {ReadonlyMap<string, readonly string[]>} Options
 */

/** @typedef {{ readonly name: string, readonly text: string }} Segment An option of the form as a URL has it. */

/** The option that URLs say by their extension. */
export const FORMAT = "format";

/** @param {readonly string[]} args */
function withoutEmptyEnd(args) {
  const end = args.findLastIndex((text) => text !== "");
  return args.slice(0, end + 1);
}

/**
 * The arguments of an option, with defaults where something must stand.
 * @param {OptionDescription} row
 * @param {readonly string[]} args
 */
function complete(row, args) {
  return withoutEmptyEnd(args).map((text, index) => {
    if (text !== "") return text;
    const argument = row.arguments[index];
    if (argument !== undefined) return argument.presence === "skippable" ? "" : argument.initial;
    return index === row.arguments.length && row.tail?.control.kind === "gravity" ? "ce" : "";
  });
}

/** Options of which several in one URL add up; of all others the last one wins, argument by argument. */
const LISTS = new Set(["formats", "format-qualities", "presets"]);

/**
 * @param {readonly string[]} before
 * @param {readonly string[]} args
 */
function overlay(before, args) {
  const length = Math.max(before.length, args.length);
  return Array.from({ length }, (_, index) => args[index] || (before[index] ?? ""));
}

/**
 * Reads and writes options as URLs of this server have them.
 * @param {Setup} setup
 */
export function createSegments(setup) {
  const rows = new Map(setup.options.map((row) => [row.name, row]));

  /** @param {OptionDescription} row */
  const partsOf = (row) =>
    setup.options.filter(({ partOf, written }) => partOf?.option === row.name && written !== null);

  /**
   * @param {OptionDescription} row
   * @param {readonly string[]} args
   */
  function write(row, args) {
    return [row.written ?? row.name, ...complete(row, args)].join(setup.separator);
  }

  /**
   * A compound option with few arguments is written as the part that holds them all: `w:300` instead of `rs::300`.
   * @param {OptionDescription} row
   * @param {readonly string[]} args
   */
  function smallestPart(row, args) {
    const first = args.findIndex((text) => text !== "");
    return partsOf(row)
      .map((part) => ({ part, from: part.partOf?.from ?? 0, room: part.tail ? Infinity : part.arguments.length }))
      .filter(({ from, room }) => from <= first && args.length - from <= room)
      .sort((one, other) => one.room - other.room || other.from - one.from)[0];
  }

  /**
   * @param {OptionDescription} row
   * @param {readonly string[]} given
   * @returns {readonly string[]}
   */
  function writeOption(row, given) {
    const args = withoutEmptyEnd(given);
    if (args.length === 0) return [];
    const smallest = smallestPart(row, args);
    if (smallest !== undefined) return [write(smallest.part, args.slice(smallest.from))];
    if (row.written !== null) return [write(row, args)];
    // The server does not allow the compound option: what its parts can say is said by them.
    return partsOf(row)
      .filter(({ partOf, arguments: own }) => own.length === 1 && (args[partOf?.from ?? 0] ?? "") !== "")
      .map((part) => write(part, args.slice(part.partOf?.from, (part.partOf?.from ?? 0) + 1)));
  }

  return {
    /** The option of a name, parts of compound ones included. */
    rows,

    /**
     * The segments of a URL, in the order of the form, without the format.
     * @param {Options} options
     * @returns {readonly Segment[]}
     */
    write(options) {
      if (setup.isOnlyPresets) {
        const names = options.get("preset") ?? [];
        return names.length === 0 ? [] : [{ name: "preset", text: names.join(setup.separator) }];
      }
      return setup.options.flatMap((row) => {
        if (row.partOf !== null || row.name === FORMAT) return [];
        return writeOption(row, options.get(row.name) ?? []).map((text) => ({ name: row.name, text }));
      });
    },

    /**
     * What a URL asks for, as the form holds it.
     * @param {Pick<UrlReading, "options" | "extension">} reading
     * @returns {Map<string, readonly string[]>}
     */
    read({ options, extension }) {
      /** @type {Map<string, readonly string[]>} */
      const read = new Map();
      for (const { name, arguments: args } of options) {
        const row = rows.get(name);
        if (row === undefined) continue;
        const whole = row.partOf?.option ?? name;
        const shifted = [...Array.from({ length: row.partOf?.from ?? 0 }, () => ""), ...args];
        const before = read.get(whole) ?? [];
        read.set(whole, LISTS.has(row.tail?.control.kind ?? "") ? [...before, ...args] : overlay(before, shifted));
      }
      if (extension !== "") read.set(FORMAT, [extension]);
      return read;
    },
  };
}
