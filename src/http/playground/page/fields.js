/**
 * Controls for single arguments. A field shows the texts of its arguments and tells of changes; an empty text is an argument
 * that is not given, for which the field shows the default.
 *
 * @import { ArgumentControl } from "../../../options/control.ts"
 * @import { Setup } from "../api.ts"
 * @typedef {{ element: HTMLElement, write(args: readonly string[]): void }} Field
 * @typedef {{ name: string, label: string, initial: string, setup: Setup, emit: (args: readonly string[]) => void }} FieldSetup
 *   `name` is one that no other field of the page has.
 */
import { h, segmented } from "./dom.js";
import { numberField } from "./number-field.js";
import { createPad, POSITIONS } from "./pad.js";
import { titleOf } from "./wording.js";

/** More words than these are a list to open instead of buttons. */
const MOST_BUTTONS = 6;

/**
 * The field of an argument, or undefined where there is nothing to edit.
 * @param {ArgumentControl} control
 * @param {FieldSetup} setup
 * @returns {Field | undefined}
 */
export function createField(control, setup) {
  switch (control.kind) {
    case "number":
      return numberField(control, setup);
    case "flag":
      return flagField(setup);
    case "choice":
      return choiceField(control.words, setup);
    case "format":
      return formatField(setup);
    case "color":
      return colorField(setup);
    case "time":
      return timeField(setup);
    case "text":
      return textField(setup);
    case "none":
      return undefined;
  }
}

/**
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function flagField({ label, initial, emit }) {
  const input = h("input", {
    type: "checkbox",
    role: "switch",
    "aria-label": label,
    change: () => emit([input.checked ? "1" : "0"]),
  });
  const isOn = (/** @type {string} */ text) => /^(1|t|T|true|TRUE|True)$/.test(text);
  return {
    element: h("div", { class: "switch" }, input),
    write([text = ""]) {
      input.checked = isOn(text === "" ? initial : text);
    },
  };
}

/**
 * @param {readonly string[]} words
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function choiceField(words, setup) {
  const { name, label, initial, emit } = setup;
  if (POSITIONS.every((position) => words.includes(position))) {
    const pad = createPad({ name, label, words, onPick: (word) => emit([word]) });
    return { element: pad.element, write: ([text = ""]) => pad.write(text === "" ? initial : text, text === "") };
  }
  if (words.length <= MOST_BUTTONS) {
    const pairs = words.map((word) => /** @type {const} */ ([word, word]));
    const group = segmented({ name, label, words: pairs, value: initial, onPick: (word) => emit([word]) });
    return { element: group.element, write: ([text = ""]) => group.write(text === "" ? initial : text) };
  }
  const select = h(
    "select",
    { "aria-label": label, change: () => emit([select.value]) },
    ...words.map((word) => h("option", { value: word }, word)),
  );
  return {
    element: select,
    write([text = ""]) {
      select.value = text === "" ? initial : text;
    },
  };
}

/**
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function formatField({ name, label, setup, emit }) {
  const words = [["", "auto"], ...setup.formats.map((format) => [format.name, format.name])].map(
    ([word, text]) => /** @type {const} */ ([word ?? "", text ?? ""]),
  );
  const group = segmented({ name, label, words, value: "", onPick: (word) => emit([word]) });
  group.element.classList.add("wrapping");
  return { element: group.element, write: ([text = ""]) => group.write(text === "jpg" ? "jpeg" : text) };
}

/**
 * A colour well beside its digits; three numbers (`255:136:0`) are shown as digits, too.
 * @param {FieldSetup} setup
 * @returns {Field}
 */
export function colorField({ label, initial, emit }) {
  const well = h("input", {
    type: "color",
    "aria-label": `${label}, colour`,
    input: () => {
      box.value = well.value.slice(1);
      emit([box.value]);
    },
  });
  const box = h("input", {
    type: "text",
    class: "code",
    maxlength: 7,
    spellcheck: "false",
    placeholder: initial,
    "aria-label": `${label}, hexadecimal`,
    input: () => {
      const digits = box.value.replace(/^#/, "").trim();
      showWell(digits);
      emit([digits]);
    },
  });

  /** @param {string} digits */
  function showWell(digits) {
    const long = digits.length === 3 ? digits.replace(/./g, "$&$&") : digits;
    well.value = /^[\da-fA-F]{6}$/.test(long) ? `#${long}` : "#ffffff";
    well.toggleAttribute("data-empty", digits === "");
  }

  showWell("");
  return {
    element: h("div", { class: "color" }, well, box),
    write(args) {
      const digits =
        args.length >= 3 ? args.map((text) => Number(text).toString(16).padStart(2, "0")).join("") : args[0];
      if (document.activeElement !== box) box.value = digits ?? "";
      showWell(digits ?? "");
    },
  };
}

/**
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function textField({ label, initial, emit }) {
  const box = h("input", {
    type: "text",
    spellcheck: "false",
    placeholder: titleOf(initial),
    "aria-label": label,
    input: () => emit([box.value]),
  });
  return {
    element: box,
    write([text = ""]) {
      if (document.activeElement !== box) box.value = text;
    },
  };
}

/**
 * A date and time of the reader's clock, written in Unix seconds.
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function timeField({ label, emit }) {
  const box = h("input", {
    type: "datetime-local",
    "aria-label": label,
    input: () => emit([box.value === "" ? "" : String(Math.floor(new Date(box.value).getTime() / 1000))]),
  });
  return {
    element: box,
    write([text = ""]) {
      const shown = box.value === "" ? "" : String(Math.floor(new Date(box.value).getTime() / 1000));
      if (shown === text) return;
      const date = new Date(Number(text) * 1000);
      const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000);
      box.value = text === "" || Number.isNaN(local.getTime()) ? "" : local.toISOString().slice(0, 16);
    },
  };
}
