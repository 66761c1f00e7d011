/**
 * Choosing on the original picture: a focus point by a click, an area to cut out by dragging.
 *
 * @typedef {{ type: string, x: string, y: string }} Gravity
 * @typedef {{ left: number, top: number, width: number, height: number }} Area fractions of the picture
 * @typedef {ReturnType<typeof createPicker>} Picker
 */
import { announce, h, segmented } from "./dom.js";

/** How far one press of an arrow key goes. */
const STEP = 0.01;
const LARGE_STEP = 0.1;

/** @type {Readonly<Record<string, readonly [number, number]>>} */
const ARROWS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

const NOTES = {
  focus: "Click, or move the point with the arrow keys. It counts where something is cut off: resize to fill, or crop.",
  crop: "Drag an area; a click takes it away. It is cut out before everything else.",
};

const clamp = (/** @type {number} */ value) => Math.min(Math.max(value, 0), 1);
const text = (/** @type {number} */ value) => String(Number(value.toFixed(3)));

/**
 * @param {{ onGravity: (gravity: Gravity) => void, onCrop: (args: readonly string[]) => void }} parts
 */
export function createPicker({ onGravity, onCrop }) {
  /** @type {"focus" | "crop"} */
  let mode = "focus";
  let focus = { x: 0.5, y: 0.5 };
  /** @type {{ x: number, y: number } | undefined} */
  let start;

  const marker = h("button", { type: "button", class: "marker", keydown: moveByKey });
  const area = h("div", { class: "area", hidden: true });
  const element = h("div", { class: "picker", pointerdown: begin, pointermove: drag, pointerup: end }, area, marker);
  const modes = segmented({
    name: "pick-mode",
    label: "What to choose on the picture",
    words: [
      ["focus", "Focus point"],
      ["crop", "Crop area"],
    ],
    value: mode,
    onPick: (next) => {
      mode = next === "crop" ? "crop" : "focus";
      element.dataset["mode"] = mode;
      note.textContent = NOTES[mode];
    },
  });
  element.dataset["mode"] = mode;
  const note = h("p", { class: "note pick-note" }, NOTES[mode]);

  /** @param {PointerEvent} event */
  function place(event) {
    const box = element.getBoundingClientRect();
    return { x: clamp((event.clientX - box.left) / box.width), y: clamp((event.clientY - box.top) / box.height) };
  }

  /** @param {Event} event */
  function begin(event) {
    if (!(event instanceof PointerEvent) || event.button !== 0) return;
    event.preventDefault();
    element.setPointerCapture(event.pointerId);
    start = place(event);
    if (mode === "focus") setFocus(start, true);
  }

  /** @param {Event} event */
  function drag(event) {
    if (!(event instanceof PointerEvent) || start === undefined) return;
    if (mode === "focus") setFocus(place(event), true);
    else showArea(between(start, place(event)));
  }

  /** @param {Event} event */
  function end(event) {
    if (!(event instanceof PointerEvent) || start === undefined) return;
    const chosen = between(start, place(event));
    start = undefined;
    if (mode === "focus") return marker.focus();
    // A click without a drag takes the area away.
    const isArea = chosen.width > 0.01 && chosen.height > 0.01;
    showArea(isArea ? chosen : undefined);
    onCrop(isArea ? cropArguments(chosen) : []);
  }

  /** @param {Event} event */
  function moveByKey(event) {
    const arrow = event instanceof KeyboardEvent ? ARROWS[event.key] : undefined;
    if (arrow === undefined || !(event instanceof KeyboardEvent)) return;
    event.preventDefault();
    const step = event.shiftKey ? LARGE_STEP : STEP;
    setFocus({ x: clamp(focus.x + arrow[0] * step), y: clamp(focus.y + arrow[1] * step) }, true);
    announce(marker.getAttribute("aria-label") ?? "");
  }

  /**
   * @param {{ x: number, y: number }} next
   * @param {boolean} isChosen
   */
  function setFocus(next, isChosen) {
    focus = next;
    marker.style.left = `${focus.x * 100}%`;
    marker.style.top = `${focus.y * 100}%`;
    const at = `${Math.round(focus.x * 100)} % from the left, ${Math.round(focus.y * 100)} % from the top`;
    marker.setAttribute("aria-label", `Focus point, ${at}. Arrow keys move it.`);
    if (isChosen) onGravity({ type: "fp", x: text(focus.x), y: text(focus.y) });
  }

  /** @param {Area | undefined} shown */
  function showArea(shown) {
    area.hidden = shown === undefined;
    if (shown === undefined) return;
    area.style.left = `${shown.left * 100}%`;
    area.style.top = `${shown.top * 100}%`;
    area.style.width = `${shown.width * 100}%`;
    area.style.height = `${shown.height * 100}%`;
  }

  setFocus(focus, false);
  return {
    element,
    modes: modes.element,
    note,
    /** @param {{ width: number, height: number }} size */
    setOriginal({ width, height }) {
      element.style.aspectRatio = `${width} / ${height}`;
    },
    /**
     * Shows what the form has, as far as it can be shown on the picture.
     * @param {Gravity} gravity
     * @param {readonly string[]} crop
     */
    write(gravity, crop) {
      if (start !== undefined) return;
      const isFocus = gravity.type === "fp";
      marker.toggleAttribute("data-default", !isFocus);
      setFocus(isFocus ? { x: Number(gravity.x), y: Number(gravity.y) } : { x: 0.5, y: 0.5 }, false);
      showArea(areaOf(crop));
    },
  };
}

/**
 * @param {{ x: number, y: number }} one
 * @param {{ x: number, y: number }} other
 * @returns {Area}
 */
function between(one, other) {
  const left = Math.min(one.x, other.x);
  const top = Math.min(one.y, other.y);
  return { left, top, width: Math.abs(one.x - other.x), height: Math.abs(one.y - other.y) };
}

/**
 * `crop` in fractions, from the top left corner. 1 would be a pixel: a whole side is written as 0.
 * @param {Area} area
 * @returns {readonly string[]}
 */
function cropArguments({ left, top, width, height }) {
  const side = (/** @type {number} */ value) => (value > 0.999 ? "0" : text(value));
  return [side(width), side(height), "nowe", text(Math.min(left, 0.999)), text(Math.min(top, 0.999))];
}

/**
 * The area of a `crop` such as the one above.
 * @param {readonly string[]} args
 * @returns {Area | undefined}
 */
function areaOf([width = "", height = "", type = "", x = "", y = ""]) {
  const [w, h2, left, top] = [width, height, x, y].map(Number);
  if (type !== "nowe" || w === undefined || h2 === undefined || left === undefined || top === undefined)
    return undefined;
  if ([w, h2, left, top].some((value) => !(value >= 0 && value < 1))) return undefined;
  return { left, top, width: w === 0 ? 1 - left : w, height: h2 === 0 ? 1 - top : h2 };
}
