/**
 * Controls for arguments that are read as one: a gravity, a list, pairs. As in `fields.js`.
 *
 * @import { TailControl } from "../../../options/control.ts"
 * @import { Field, FieldSetup } from "./fields.js"
 */
import { h } from "./dom.js";
import { colorField } from "./fields.js";
import { numberField } from "./number-field.js";
import { createPad } from "./pad.js";

/**
 * @param {TailControl} control
 * @param {FieldSetup} setup
 * @returns {Field}
 */
export function createTailField(control, setup) {
  switch (control.kind) {
    case "gravity":
      return gravityField(control.types, setup);
    case "color":
      return colorField(setup);
    case "file-name":
      return fileNameField(setup);
    case "presets":
      return checksField(setup.setup.presets, setup);
    case "formats":
      return checksField(
        setup.setup.formats.map((format) => format.name),
        setup,
      );
    case "format-qualities":
      return qualitiesField(control.formats, setup);
  }
}

/** Pixels; below 1 they are fractions. */
const OFFSET = /** @type {const} */ ({ kind: "number", isWhole: false, min: null, max: null, usual: [-200, 200] });
const FOCUS = /** @type {const} */ ({ kind: "number", isWhole: false, min: 0, max: 1, usual: null });

/**
 * Position, and the two numbers that go with it: offsets, a focus point, or none with `sm`.
 * @param {readonly string[]} types
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function gravityField(types, setup) {
  const { name, label, emit } = setup;
  /** @type {string[]} */
  let args = [];
  const pad = createPad({ name, label, words: types, onPick: (word) => change(0, word) });
  const pair = (/** @type {typeof OFFSET | typeof FOCUS} */ control, /** @type {string} */ initial) =>
    ["x", "y"].map((axis, index) => {
      const emitOne = (/** @type {readonly string[]} */ [text = ""]) => change(index + 1, text);
      return numberField(control, { ...setup, label: `${label} ${axis}`, initial, emit: emitOne });
    });
  const offsets = pair(OFFSET, "0");
  const focus = pair(FOCUS, "0.5");
  const row = (/** @type {Field[]} */ fields, /** @type {string} */ kind) =>
    h(
      "div",
      { class: "axes" },
      ...fields.flatMap(({ element }, index) => [h("span", {}, `${kind}${"xy"[index]}`), element]),
    );
  const offsetRow = row(offsets, "");
  const focusRow = row(focus, "");

  /**
   * @param {number} index
   * @param {string} text
   */
  function change(index, text) {
    const type = index === 0 ? text : args[0] || "ce";
    const kept = index === 0 && (type === "fp") !== (args[0] === "fp") ? [] : args;
    if (type === "sm") args = ["sm"];
    else args = [type, kept[1] ?? "", kept[2] ?? ""].map((old, at) => (at === index ? text : old));
    // A focus point has two numbers in every case.
    if (type === "fp") args = args.map((one) => one || "0.5");
    show();
    emit(args);
  }

  function show() {
    const type = args[0] ?? "";
    pad.write(type === "" ? "ce" : type, type === "");
    offsetRow.hidden = type === "" || type === "fp" || type === "sm";
    focusRow.hidden = type !== "fp";
    for (const [index, field] of [...offsets.entries(), ...focus.entries()]) field.write([args[index + 1] ?? ""]);
  }

  show();
  return {
    element: h("div", { class: "gravity" }, pad.element, offsetRow, focusRow),
    write(next) {
      args = [...next];
      show();
    },
  };
}

/**
 * A name as it is where it can stand in a URL, else in base64.
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function fileNameField({ label, initial, emit }) {
  const box = h("input", {
    type: "text",
    spellcheck: "false",
    placeholder: initial,
    "aria-label": label,
    input: () => emit(/^[A-Za-z0-9]*$/.test(box.value) ? [box.value] : [toBase64(box.value), "1"]),
  });
  return {
    element: box,
    write([text = "", encoded = ""]) {
      const name = /^(1|t|true)$/i.test(encoded) ? fromBase64(text) : text;
      if (document.activeElement !== box) box.value = name;
    },
  };
}

/** @param {string} text */
function toBase64(text) {
  const binary = String.fromCharCode(...new TextEncoder().encode(text));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @param {string} text */
function fromBase64(text) {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return new TextDecoder().decode(Uint8Array.from(binary, (char) => char.charCodeAt(0)));
  } catch {
    return text;
  }
}

/**
 * Any of a few words.
 * @param {readonly string[]} words
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function checksField(words, { label, emit }) {
  const boxes = words.map((word) =>
    h("input", {
      type: "checkbox",
      value: word,
      change: () => emit(boxes.filter(({ checked }) => checked).map(({ value }) => value)),
    }),
  );
  const labels = boxes.map((box) => h("label", {}, box, h("span", {}, box.value)));
  return {
    element: h(
      "div",
      { class: "checks", role: "group", "aria-label": label },
      ...(words.length > 0 ? labels : [h("p", { class: "note" }, "This server has none (IMGPROXY_PRESETS).")]),
    ),
    write(args) {
      for (const box of boxes) box.checked = args.includes(box.value);
    },
  };
}

/**
 * A quality for each format.
 * @param {readonly string[]} formats
 * @param {FieldSetup} setup
 * @returns {Field}
 */
function qualitiesField(formats, setup) {
  const control = /** @type {const} */ ({ kind: "number", isWhole: true, min: 0, max: 100, usual: null });
  /** @type {Map<string, string>} */
  const qualities = new Map();
  const fields = formats.map((format) => {
    const emit = (/** @type {readonly string[]} */ [text = ""]) => {
      qualities.set(format, text);
      setup.emit([...qualities].flatMap(([name, quality]) => (quality === "" ? [] : [name, quality])));
    };
    return numberField(control, { ...setup, label: `${setup.label} ${format}`, initial: "", emit });
  });
  return {
    element: h(
      "div",
      { class: "axes" },
      ...fields.flatMap(({ element }, index) => [h("span", {}, formats[index] ?? ""), element]),
    ),
    write(args) {
      qualities.clear();
      for (let index = 0; index + 1 < args.length; index += 2) {
        const format = args[index] === "jpg" ? "jpeg" : args[index];
        qualities.set(format ?? "", args[index + 1] ?? "");
      }
      for (const [index, field] of fields.entries()) field.write([qualities.get(formats[index] ?? "") ?? ""]);
    },
  };
}
