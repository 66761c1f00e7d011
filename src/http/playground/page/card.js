/**
 * One option of the form.
 *
 * @import { OptionDescription, Setup } from "../api.ts"
 * @import { Field } from "./fields.js"
 */
import { h, icon } from "./dom.js";
import { createField } from "./fields.js";
import { createTailField } from "./tail-fields.js";
import { titleOf } from "./wording.js";

/** Controls that fit beside the name of their option, where it has no other. */
const INLINE = new Set(["flag", "number", "text", "time", "color", "file-name"]);

/**
 * One option: its name, its controls, and a way back to the default.
 * @typedef {{
 *   row: OptionDescription, element: HTMLElement, words: string,
 *   write(args: readonly string[]): void, setFault(isFaulty: boolean): void,
 * }} Card
 */

/**
 * @param {OptionDescription} row
 * @param {{ setup: Setup, onChange: (name: string, args: readonly string[]) => void }} parts
 * @returns {Card}
 */
export function createCard(row, { setup, onChange }) {
  const title = titleOf(row.name);
  // With a preset `default` the defaults of the table are not those of URLs, and may have to be written.
  const leavesOutDefaults = !setup.presets.includes("default");
  /** @type {readonly string[]} */
  let args = [];

  /**
   * @param {number} from
   * @param {readonly string[]} texts
   * @param {readonly string[]} rest
   */
  function change(from, texts, rest) {
    const before = Array.from({ length: from }, (_, index) => args[index] ?? "");
    args = [...before, ...texts, ...rest];
    mark();
    onChange(row.name, args);
  }

  const fields = row.arguments.flatMap((argument, index) => {
    const { initial } = argument;
    const isSole = row.arguments.length === 1 && row.tail === null;
    const emit = (/** @type {readonly string[]} */ [text = ""]) =>
      change(index, [leavesOutDefaults && text === initial ? "" : text], args.slice(index + 1));
    const label = isSole ? title : `${title}, ${argument.name}`;
    const field = createField(argument.control, { name: `${row.name}-${index}`, label, initial, setup, emit });
    return field === undefined ? [] : [{ field, index, argument, isSole }];
  });
  const from = row.arguments.length;
  const tail =
    row.tail === null
      ? undefined
      : createTailField(row.tail.control, {
          name: `${row.name}-tail`,
          label: title,
          initial: row.tail.initial,
          setup,
          emit: (texts) => change(from, texts, []),
        });
  const isInline = INLINE.has(
    row.tail?.control.kind ?? (row.arguments.length === 1 ? row.arguments[0]?.control.kind : "") ?? "",
  );
  const { head, doc } = createHead(row, title, () => change(0, [], []));
  const element = h("div", { class: isInline ? "option inline" : "option", "data-option": row.name }, head, doc);
  element.append(
    ...fields.map((one) => labelled(one.field, one.isSole ? "" : one.argument.name, one.argument.control.kind)),
  );
  if (row.note !== null) element.append(h("p", { class: "note" }, row.note));
  const tailBox = tail === undefined ? undefined : h("div", { class: "tail" }, tail.element);
  if (tailBox !== undefined) element.append(tailBox);

  /** A gravity behind a switch (`extend`) counts only when that is on; behind numbers (`crop`), when there are any. */
  function hasUseForTail() {
    if (!row.tail?.isOptional) return true;
    const last = fields.at(-1);
    return last?.argument.control.kind === "flag" ? args[last.index] === "1" : args.some((text) => text !== "");
  }

  function mark() {
    element.toggleAttribute(
      "data-set",
      args.some((text) => text !== ""),
    );
    if (tailBox !== undefined) tailBox.hidden = !hasUseForTail();
  }

  function show() {
    for (const { field, index } of fields) field.write([args[index] ?? ""]);
    tail?.write(args.slice(from));
    mark();
  }

  show();
  return {
    row,
    element,
    words: [row.name, ...row.aliases, title, row.doc, row.group].join(" ").toLowerCase(),
    write(next) {
      args = next;
      show();
    },
    setFault(isFaulty) {
      element.toggleAttribute("data-fault", isFaulty);
    },
  };
}

/**
 * @param {Field} field
 * @param {string} label
 * @param {string} kind
 */
function labelled(field, label, kind) {
  if (label === "") return field.element;
  // The controls carry their own full names; this one is for the eye.
  return h(
    "div",
    { class: "labelled", "data-kind": kind },
    h("span", { "aria-hidden": "true" }, label.replace(/_/g, " ")),
    field.element,
  );
}

/**
 * @param {OptionDescription} row
 * @param {string} title
 * @param {() => void} onReset
 */
function createHead(row, title, onReset) {
  const id = `doc-${row.name}`;
  const doc = h("p", { class: "doc", id, hidden: true }, row.doc.replace(/`/g, ""));
  const help = h(
    "button",
    {
      type: "button",
      class: "ghost help",
      "aria-expanded": "false",
      "aria-controls": id,
      "aria-label": `About ${title}`,
      title: row.doc.replace(/`/g, ""),
      click: () => {
        doc.hidden = !doc.hidden;
        help.setAttribute("aria-expanded", String(!doc.hidden));
      },
    },
    icon("help"),
  );
  const leave = () => {
    onReset();
    help.focus(); // The button goes away with what it reset.
  };
  const reset = h(
    "button",
    {
      type: "button",
      class: "ghost reset",
      "aria-label": `Reset ${title}`,
      title: "Back to the default",
      click: leave,
    },
    icon("reset"),
  );
  const head = h("div", { class: "head" }, h("h4", {}, title), h("code", {}, row.written ?? row.name), help, reset);
  return { head, doc };
}
