/**
 * The same picture in several formats, one after the other, so that they do not take each other's time.
 *
 * @import { Setup } from "../api.ts"
 * @import { ImageAnswer } from "./server.js"
 */
import { h } from "./dom.js";
import { faultOf } from "./server.js";
import { bytesText, changeText, formatText, timeText } from "./wording.js";

const RACERS = ["jpeg", "webp", "avif", "png"];

/**
 * @param {{
 *   render: (format: string, signal: AbortSignal) => Promise<ImageAnswer>,
 *   sourceBytes: () => number | undefined, onPick: (format: string) => void,
 * }} parts
 */
export function createRacePanel({ render, sourceBytes, onPick }) {
  let isStale = true;
  /** @type {AbortController | undefined} */
  let running;
  const rows = RACERS.map((format) => {
    const image = h("img", { alt: `As ${formatText(format)}`, loading: "lazy" });
    const weight = h("strong");
    const details = h("span", { class: "note" });
    const bar = h("span", { class: "bar" });
    const use = h("button", { type: "button", class: "button", click: () => onPick(format) }, `Use ${format}`);
    const element = h(
      "li",
      {},
      h("div", { class: "thumb" }, image),
      h("h4", {}, formatText(format)),
      weight,
      h("span", { class: "weight", "aria-hidden": "true" }, bar),
      details,
      use,
    );
    return { format, image, weight, details, bar, element };
  });
  const again = h("button", { type: "button", class: "button", click: () => void run() }, "Run again");
  const note = h(
    "p",
    { class: "note" },
    "Each format with its own default quality, unless one is set. Times are the server's.",
  );
  const element = h(
    "div",
    { class: "panel race-panel" },
    h("ul", { class: "race" }, ...rows.map((row) => row.element)),
    h("div", { class: "panel-head" }, note, again),
  );

  async function run() {
    running?.abort();
    const mine = new AbortController();
    running = mine;
    isStale = false;
    element.dataset["state"] = "busy";
    for (const row of rows) clear(row);
    /** @type {number[]} */
    const weights = [];
    for (const row of rows) {
      try {
        const answer = await render(row.format, mine.signal);
        if (mine.signal.aborted) return;
        fill(row, answer);
        weights.push(answer.blob.size);
      } catch (error) {
        if (mine.signal.aborted) return;
        row.details.textContent = faultOf(error).message;
        weights.push(0);
      }
    }
    const heaviest = Math.max(...weights);
    rows.forEach(({ bar }, index) => {
      bar.style.inlineSize = `${((weights[index] ?? 0) / heaviest) * 100}%`;
    });
    const lightest = Math.min(...weights.filter((weight) => weight > 0));
    rows.forEach((row, index) => {
      row.element.toggleAttribute("data-best", weights[index] === lightest);
    });
    element.dataset["state"] = "idle";
  }

  /** @param {(typeof rows)[number]} row */
  function clear({ image, weight, details, bar }) {
    URL.revokeObjectURL(image.src);
    image.removeAttribute("src");
    weight.textContent = "…";
    details.textContent = "";
    bar.style.inlineSize = "0";
  }

  /**
   * @param {(typeof rows)[number]} row
   * @param {ImageAnswer} answer
   */
  function fill({ image, weight, details }, { blob, stages, milliseconds }) {
    image.src = URL.createObjectURL(blob);
    weight.textContent = bytesText(blob.size);
    const ms = stages.find(([name]) => name === "processing")?.[1] ?? milliseconds;
    const base = sourceBytes();
    details.textContent = [timeText(ms), ...(base === undefined ? [] : [changeText(blob.size, base)])].join(" · ");
  }

  return {
    element,
    /** What was raced is no longer what is shown. */
    outdate() {
      isStale = true;
      running?.abort();
      if (!element.hidden) void run();
    },
    show() {
      if (isStale) void run();
    },
  };
}

/**
 * The formats that take part.
 * @param {Setup} setup
 */
export function canRace(setup) {
  return RACERS.every((format) => setup.formats.some(({ name }) => name === format));
}
