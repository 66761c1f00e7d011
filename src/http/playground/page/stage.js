/**
 * The picture: result and original under a wipe, side by side, alone, or as their difference.
 *
 * @import { Gravity, Picker } from "./pick.js"
 * @typedef {{ url: string, width: number, height: number, name: string, details: string }} Picture
 * @typedef {"wipe" | "side" | "result" | "difference" | "pick"} View
 */
import { h, segmented } from "./dom.js";

/** @type {readonly (readonly [View, string])[]} */
const VIEWS = [
  ["wipe", "Wipe"],
  ["side", "Side by side"],
  ["result", "Result"],
  ["difference", "Difference"],
  ["pick", "Focus & crop"],
];
const ZOOMS = /** @type {const} */ ([
  ["fit", "Fit"],
  ["1", "100 %"],
  ["2", "200 %"],
  ["4", "400 %"],
]);

/** Where a picture of the original's shape lies under one that was cut out of it. @type {Readonly<Record<string, string>>} */
const PLACES = {
  nowe: "0 0",
  no: "50% 0",
  noea: "100% 0",
  we: "0 50%",
  ea: "100% 50%",
  sowe: "0 100%",
  so: "50% 100%",
  soea: "100% 100%",
};

/**
 * @param {{ picker: Picker, onView: () => void }} parts
 */
export function createStage({ picker, onView }) {
  /** @type {View} */
  let view = "wipe";
  /** @type {"original" | "lossless"} */
  let baseline = "original";
  /** @type {Picture | undefined} */
  let original;
  /** @type {Picture | undefined} */
  let lossless;
  /** @type {Picture | undefined} */
  let result;
  let zoom = "fit";

  const before = h("img", { class: "before", alt: "" });
  const after = h("img", { class: "after", alt: "Result" });
  const wipe = h("input", {
    type: "range",
    class: "wipe",
    min: 0,
    max: 100,
    step: 0.5,
    value: 50,
    "aria-label": "Wipe: how much of the left picture is seen",
    input: () => canvas.style.setProperty("--wipe", `${wipe.value}%`),
  });
  const beforeCaption = h("figcaption");
  const afterCaption = h("figcaption");
  const canvas = h(
    "div",
    { class: "canvas" },
    h("figure", { class: "before-box" }, before, beforeCaption),
    h("figure", { class: "after-box" }, after, afterCaption),
    wipe,
    picker.element,
  );
  const viewport = h(
    "div",
    { class: "viewport", tabindex: 0, role: "region", "aria-label": "Picture, scrolls when zoomed" },
    canvas,
  );
  const zoomSelect = h(
    "select",
    {
      "aria-label": "Zoom",
      change: () => {
        zoom = zoomSelect.value;
        layout();
      },
    },
    ...ZOOMS.map(([value, text]) => h("option", { value }, text)),
  );
  const baselineSelect = h(
    "select",
    {
      "aria-label": "Compare with",
      change: () => {
        baseline = baselineSelect.value === "lossless" ? "lossless" : "original";
        changed();
      },
    },
    h("option", { value: "original" }, "vs original"),
    h("option", { value: "lossless" }, "vs uncompressed"),
  );
  const views = segmented({
    name: "view",
    label: "View",
    words: VIEWS,
    value: view,
    onPick: (next) => {
      view = VIEWS.find(([name]) => name === next)?.[0] ?? "wipe";
      changed();
    },
  });
  const toolbar = h("div", { class: "toolbar" }, views.element, picker.modes, baselineSelect, zoomSelect);
  const element = h("div", { class: "stage-box" }, toolbar, viewport, picker.note);

  function changed() {
    onView();
    layout();
  }

  /** The difference of two pictures says something only when they have the same pixels to begin with. */
  function usedBaseline() {
    return view === "difference" ? "lossless" : baseline;
  }

  /** The picture on the left or below, as far as it has come. */
  function base() {
    return usedBaseline() === "lossless" ? lossless : original;
  }

  function layout() {
    element.dataset["view"] = view;
    picker.modes.hidden = view !== "pick";
    picker.note.hidden = view !== "pick";
    baselineSelect.hidden = view !== "wipe" && view !== "side";
    zoomSelect.hidden = view === "pick";
    const left = view === "pick" ? original : base();
    show(before, beforeCaption, view === "result" ? undefined : left);
    show(after, afterCaption, view === "pick" ? undefined : result);
    const main = view === "pick" ? original : result;
    if (main === undefined) return;
    const scale = scaleOf(main, view === "side" ? left : undefined);
    const sizes = { before: view === "side" && left !== undefined ? left : main, after: main };
    canvas.style.setProperty("--before-width", `${sizes.before.width * scale}px`);
    canvas.style.setProperty("--before-ratio", `${sizes.before.width} / ${sizes.before.height}`);
    canvas.style.setProperty("--after-width", `${sizes.after.width * scale}px`);
    canvas.style.setProperty("--after-ratio", `${sizes.after.width} / ${sizes.after.height}`);
    canvas.toggleAttribute("data-enlarged", scale > 1.5);
  }

  /**
   * Device pixels are not CSS pixels: at 100 % one pixel of the result is one of the screen's.
   * @param {Picture} main
   * @param {Picture | undefined} beside
   */
  function scaleOf(main, beside) {
    const pixel = 1 / devicePixelRatio;
    if (zoom !== "fit" && view !== "pick") return Number(zoom) * pixel;
    const style = getComputedStyle(viewport);
    const width = viewport.clientWidth - Number.parseFloat(style.paddingLeft) - Number.parseFloat(style.paddingRight);
    const captions = view === "side" ? 28 : 0;
    const height = Number.parseFloat(style.getPropertyValue("--room")) * innerHeight - captions;
    const room = beside === undefined ? width : (width - 12) / 2;
    const fits = [main, ...(beside === undefined ? [] : [beside])].map((one) =>
      Math.min(room / one.width, height / one.height),
    );
    return Math.min(1, ...fits);
  }

  new ResizeObserver(layout).observe(viewport);
  addEventListener("resize", layout);
  layout();
  return {
    element,
    get view() {
      return view;
    },
    get baseline() {
      return usedBaseline();
    },
    /** @param {{ original?: Picture, lossless?: Picture | undefined, result?: Picture }} pictures */
    set(pictures) {
      if (pictures.original !== undefined) {
        original = pictures.original;
        picker.setOriginal(original);
      }
      if (pictures.result !== undefined) result = pictures.result;
      if ("lossless" in pictures) lossless = pictures.lossless;
      layout();
    },
    /** @param {Gravity} gravity */
    setGravity({ type, x, y }) {
      const place = type === "fp" ? `${Number(x) * 100}% ${Number(y) * 100}%` : (PLACES[type] ?? "50% 50%");
      canvas.style.setProperty("--place", place);
    },
    /** @param {"idle" | "busy" | "failed"} state */
    setState(state) {
      element.dataset["state"] = state;
    },
  };
}

/**
 * @param {HTMLImageElement} image
 * @param {HTMLElement} caption
 * @param {Picture | undefined} picture
 */
function show(image, caption, picture) {
  image.hidden = picture === undefined;
  caption.replaceChildren(...(picture === undefined ? [] : [picture.name, h("span", {}, ` ${picture.details}`)]));
  if (picture === undefined) image.removeAttribute("src");
  else if (image.src !== picture.url) image.src = picture.url;
  if (picture !== undefined && image.className === "before") image.alt = picture.name;
}
