/** @import { ImageAnswer } from "./server.js" */
import { h } from "./dom.js";

/** What other clients accept, to see what they would get. */
const CLIENTS = /** @type {const} */ ([
  ["", "this browser"],
  ["image/*,*/*;q=0.8", "a browser without WebP"],
  ["image/webp,image/*,*/*;q=0.8", "a browser with WebP"],
  ["image/avif,image/webp,image/*,*/*;q=0.8", "a browser with AVIF and WebP"],
  ["image/jxl,image/avif,image/webp,image/*,*/*;q=0.8", "a browser with JPEG XL, too"],
  ["*/*", "curl"],
]);

/** What this browser would send for an image. */
const OWN = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";

/**
 * The headers of the answer, and who asked for it.
 * @param {{ onAccept: () => void }} parts
 */
export function createResponsePanel({ onAccept }) {
  const rows = h("tbody");
  const select = h(
    "select",
    { "aria-label": "Ask as", change: onAccept },
    ...CLIENTS.map(([value, text]) => h("option", { value }, text)),
  );
  const element = h(
    "div",
    { class: "panel response-panel" },
    h("div", { class: "panel-head" }, h("label", {}, "Ask as ", select)),
    h(
      "div",
      { class: "scroll", tabindex: 0, role: "region", "aria-label": "Headers of the answer" },
      h("table", {}, rows),
    ),
  );
  return {
    element,
    /** The Accept header to send. */
    get accept() {
      return select.value === "" ? OWN : select.value;
    },
    /** @param {ImageAnswer} answer */
    write({ status, headers }) {
      const all = [["status", String(status)], ...headers];
      rows.replaceChildren(
        ...all.map(([name = "", value = ""]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value))),
      );
    },
  };
}
