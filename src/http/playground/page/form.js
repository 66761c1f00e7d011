/**
 * The form of options, made from the server's table of them.
 *
 * @import { OptionDescription, Setup } from "../api.ts"
 * @import { Options } from "./segments.js"
 */
import { createCard } from "./card.js";
import { h } from "./dom.js";

/** What most people look for; the other groups are closed until they are wanted. */
const OPEN_GROUPS = new Set(["Size", "Geometry", "Output"]);

/**
 * @param {{ setup: Setup, onChange: (name: string, args: readonly string[]) => void }} parts
 */
export function createForm({ setup, onChange }) {
  const isEditable = (/** @type {OptionDescription} */ row) =>
    row.partOf === null &&
    (setup.isOnlyPresets ? row.name === "preset" : isAllowed(row, setup)) &&
    (row.name !== "preset" || setup.presets.length > 0);
  const cards = setup.options.filter(isEditable).map((row) => createCard(row, { setup, onChange }));
  const groups = setup.groups.map((name) => {
    const own = cards.filter(({ row }) => row.group === name);
    const count = h("span", { class: "count" });
    const off = setup.isOnlyPresets
      ? []
      : setup.options.filter((row) => row.group === name && row.partOf === null && !isAllowed(row, setup));
    const note =
      off.length > 0
        ? [h("p", { class: "note" }, `Off on this server: ${off.map((row) => row.name).join(", ")}.`)]
        : [];
    const element = h(
      "details",
      { class: "group" },
      h("summary", {}, h("h3", {}, name), count),
      ...own.map((card) => card.element),
      ...note,
    );
    element.open = OPEN_GROUPS.has(name) || setup.isOnlyPresets;
    element.hidden = own.length + note.length === 0;
    return { element, own, count, isEmpty: element.hidden };
  });
  const search = h("input", {
    type: "search",
    placeholder: "Search options",
    "aria-label": "Search options",
    accesskey: "s",
    title: "Search options (access key s)",
    input: filter,
  });
  const none = h("p", { class: "note", hidden: true }, "No option is called or described like that.");
  /** @type {Map<Element, boolean>} */
  const openBefore = new Map();

  function filter() {
    const wanted = search.value.trim().toLowerCase();
    for (const group of groups) {
      for (const card of group.own) card.element.hidden = !card.words.includes(wanted);
      if (wanted === "") close(group);
      else open(group);
    }
    if (wanted === "") openBefore.clear();
    none.hidden = groups.some(({ element }) => !element.hidden);
  }

  /** @param {(typeof groups)[number]} group one that is searched in */
  function open({ element, own }) {
    if (!openBefore.has(element)) openBefore.set(element, element.open);
    element.hidden = own.every((card) => card.element.hidden);
    element.open = true;
  }

  /** @param {(typeof groups)[number]} group one that the search is over in */
  function close({ element, isEmpty }) {
    element.hidden = isEmpty;
    element.open = openBefore.get(element) ?? element.open;
  }

  return {
    element: h(
      "div",
      { class: "form" },
      h("div", { class: "search" }, search),
      ...groups.map(({ element }) => element),
      none,
    ),
    /**
     * Shows other options, wherever they come from.
     * @param {Options} options
     */
    write(options) {
      for (const card of cards) card.write(options.get(card.row.name) ?? []);
      for (const { own, count } of groups) {
        const set = own.filter(({ row }) => (options.get(row.name) ?? []).some((text) => text !== "")).length;
        count.textContent = set === 0 ? "" : String(set);
        count.title = set === 0 ? "" : `${set} set`;
      }
    },
    /** @param {string | undefined} name of the option at fault */
    setFault(name) {
      for (const card of cards) card.setFault(card.row.name === name);
    },
  };
}

/**
 * Whether URLs may use the option, or a part of it.
 * @param {OptionDescription} row
 * @param {Setup} setup
 */
function isAllowed(row, setup) {
  return (
    row.written !== null || setup.options.some((part) => part.partOf?.option === row.name && part.written !== null)
  );
}
