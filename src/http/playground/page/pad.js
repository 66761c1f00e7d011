import { h } from "./dom.js";

/** The nine positions, in the order of reading. */
export const POSITIONS = ["nowe", "no", "noea", "we", "ce", "ea", "sowe", "so", "soea"];

/** @type {Readonly<Record<string, string>>} */
const NAMES = {
  nowe: "top left",
  no: "top",
  noea: "top right",
  we: "left",
  ce: "centre",
  ea: "right",
  sowe: "bottom left",
  so: "bottom",
  soea: "bottom right",
  sm: "Smart",
  fp: "Focus point",
  re: "Tiled",
};

/** How far arrow keys go in a square of nine. @type {Readonly<Record<string, number>>} */
const MOVES = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -3, ArrowDown: 3 };

/**
 * A square of nine positions, with whatever other words there are beside it.
 * @param {{ name: string, label: string, words: readonly string[], onPick: (word: string) => void }} setup
 */
export function createPad({ name, label, words, onPick }) {
  const input = (/** @type {string} */ word) =>
    h("input", {
      type: "radio",
      name,
      value: word,
      "aria-label": NAMES[word] ?? word,
      title: NAMES[word] ?? word,
      change: () => onPick(word),
    });
  const nine = POSITIONS.map(input);
  const others = words.filter((word) => !POSITIONS.includes(word)).map(input);
  const square = h("div", { class: "pad-square", keydown: move }, ...nine);

  /** @param {Event} event */
  function move(event) {
    const step = event instanceof KeyboardEvent ? MOVES[event.key] : undefined;
    const at = nine.findIndex(
      ({ value }) => value === (event.target instanceof HTMLInputElement ? event.target.value : ""),
    );
    if (step === undefined || at < 0) return;
    event.preventDefault();
    const isAtEdge = Math.abs(step) === 1 && Math.floor((at + step) / 3) !== Math.floor(at / 3);
    const next = isAtEdge ? undefined : nine[at + step];
    if (next === undefined) return;
    next.focus();
    next.checked = true;
    onPick(next.value);
  }

  const element = h(
    "div",
    { class: "pad", role: "radiogroup", "aria-label": label },
    square,
    h(
      "div",
      { class: "pad-others" },
      ...others.map((radio) => h("label", {}, radio, h("span", {}, NAMES[radio.value] ?? ""))),
    ),
  );
  return {
    element,
    /**
     * @param {string} word
     * @param {boolean} isDefault
     */
    write(word, isDefault) {
      for (const radio of [...nine, ...others]) radio.checked = radio.value === word;
      element.toggleAttribute("data-default", isDefault);
    },
  };
}
