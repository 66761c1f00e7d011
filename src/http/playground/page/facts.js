/**
 * What came out, in numbers: sizes, weight, and where the time went.
 *
 * @import { PlanAnswer } from "../api.ts"
 * @import { ImageAnswer } from "./server.js"
 */
import { h } from "./dom.js";
import { bytesText, changeText, formatText, timeText } from "./wording.js";

/** The stages of Server-Timing that follow one another, and what they are called here. */
const STAGES = /** @type {const} */ ([
  ["queue", "waiting"],
  ["download", "fetching"],
  ["processing", "processing"],
]);

/**
 * @param {HTMLElement} element
 */
export function createFacts(element) {
  /** @type {PlanAnswer["source"] | undefined} */
  let source;
  /** @type {{ answer: ImageAnswer, width: number, height: number } | undefined} */
  let result;

  function show() {
    element.replaceChildren(
      h("dl", { class: "numbers" }, ...sourceFacts(), ...resultFacts()),
      ...(result === undefined ? [] : [timeBar(result.answer)]),
    );
  }

  function sourceFacts() {
    if (source === undefined) return [];
    const { format, width, height, bytes, frames } = source;
    const notes = [frames > 1 ? `${frames} frames` : "", source.orientation > 1 ? "turned by EXIF" : ""].filter(
      Boolean,
    );
    return fact("Source", [
      `${formatText(format)} `,
      strong(`${width} × ${height}`),
      ` ${bytesText(bytes)}`,
      ...notes.map((note) => `, ${note}`),
    ]);
  }

  function resultFacts() {
    if (result === undefined) return [];
    const { answer, width, height } = result;
    const change = source === undefined ? [] : [" ", badge(answer.blob.size, source.bytes)];
    return fact("Result", [
      `${formatText(answer.type)} `,
      strong(`${width} × ${height}`),
      " ",
      strong(bytesText(answer.blob.size)),
      ...change,
    ]);
  }

  return {
    /** @param {PlanAnswer["source"] | undefined} next */
    setSource(next) {
      source = next;
      show();
    },
    /** @param {{ answer: ImageAnswer, width: number, height: number }} next */
    setResult(next) {
      result = next;
      show();
    },
  };
}

/**
 * @param {string} name
 * @param {readonly (Node | string)[]} content
 */
function fact(name, content) {
  return [h("div", {}, h("dt", {}, name), h("dd", {}, ...content))];
}

/** @param {string} text */
function strong(text) {
  return h("strong", {}, text);
}

/**
 * @param {number} bytes
 * @param {number} base
 */
function badge(bytes, base) {
  return h("span", { class: bytes <= base ? "badge good" : "badge" }, changeText(bytes, base));
}

/**
 * The stages side by side; what is left of the time the browser measured is the way there and back.
 * @param {ImageAnswer} answer
 */
function timeBar({ stages, milliseconds }) {
  const known = new Map(stages);
  const parts = STAGES.flatMap(([key, name]) => {
    const ms = known.get(key);
    return ms === undefined ? [] : [{ name, ms }];
  });
  const rest = Math.max(milliseconds - parts.reduce((sum, { ms }) => sum + ms, 0), 0);
  const all = parts.length === 0 ? [] : [...parts, { name: "transfer", ms: rest }];
  const bars = all.map(({ ms, name }) => {
    const bar = h("span", { class: `bar ${name}` });
    bar.style.flexGrow = String(ms);
    return bar;
  });
  const words = all
    .filter(({ ms }) => ms >= 0.05)
    .map(({ name, ms }) => h("li", {}, h("span", { class: `dot ${name}` }), `${name} `, strong(timeText(ms))));
  return h(
    "div",
    { class: "time" },
    h("div", { class: "bars", "aria-hidden": "true" }, ...bars),
    h("ul", {}, h("li", {}, "Time ", strong(timeText(milliseconds))), ...words),
  );
}
