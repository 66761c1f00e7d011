/**
 * @import { ArgumentControl } from "../../../options/control.ts"
 * @import { Field, FieldSetup } from "./fields.js"
 */
import { h } from "./dom.js";

/**
 * A slider over the usual range beside a box that takes any number.
 * @param {Extract<ArgumentControl, { kind: "number" }>} control
 * @param {FieldSetup} setup
 * @returns {Field}
 */
export function numberField({ isWhole, min, max, usual }, { label, initial, emit }) {
  const [from, to] = usual ?? [min, max];
  const step = isWhole ? 1 : niceStep((to ?? 100) - (from ?? 0));
  const box = h("input", {
    type: "number",
    inputmode: isWhole ? "numeric" : "decimal",
    placeholder: initial,
    "aria-label": label,
    step: isWhole ? 1 : "any",
    ...(min === null ? {} : { min }),
    ...(max === null ? {} : { max }),
    input: () => {
      show(box.value);
      emit([box.value]);
    },
  });
  const slider =
    from === null || to === null
      ? undefined
      : h("input", {
          type: "range",
          min: from,
          max: to,
          step,
          "aria-label": `${label}, slider`,
          input: () => {
            box.value = slider?.value ?? "";
            element.removeAttribute("data-empty");
            paint();
            emit([box.value]);
          },
        });

  /** @param {string} text */
  function show(text) {
    element.toggleAttribute("data-empty", text === "");
    if (slider === undefined) return;
    const value = Number(text === "" ? initial : text);
    slider.value = String(Number.isFinite(value) ? value : from);
    paint();
  }

  function paint() {
    if (slider === undefined || from === null || to === null) return;
    slider.style.setProperty("--filled", `${((Number(slider.value) - from) / (to - from)) * 100}%`);
  }

  const element = h(
    "div",
    { class: slider === undefined ? "number plain" : "number" },
    ...(slider ? [slider] : []),
    box,
  );
  show("");
  return {
    element,
    write([text = ""]) {
      // What is being typed stays as it is typed: `0.` on the way to `0.5`, too.
      if (document.activeElement !== box) box.value = text;
      show(document.activeElement === box ? box.value : text);
    },
  };
}

/**
 * A hundred steps or so, in round numbers.
 * @param {number} range
 */
function niceStep(range) {
  return 10 ** Math.floor(Math.log10(range / 20));
}
