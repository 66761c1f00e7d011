/**
 * @typedef {string | number | boolean | undefined | ((event: Event) => void)} Attribute
 *   A function listens to the event of that name; false and undefined leave the attribute out.
 */

/**
 * Makes an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Readonly<Record<string, Attribute>>} [attributes]
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === undefined) continue;
    if (typeof value === "function") element.addEventListener(name, value);
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  element.append(...children);
  return element;
}

const PATHS = {
  copy: "M5.5 5.5v-3h8v8h-3M2.5 5.5h8v8h-8z",
  open: "M9 2.5h4.5V7M13 3 7.5 8.5M6 3H2.5v10.5H13V10",
  reset: "M3 8a5 5 0 1 0 1.6-3.7M3 2.5v3h3",
  close: "M4 4l8 8M12 4l-8 8",
  help: "M6 6.2C6 5 6.9 4.3 8 4.3s2 .7 2 1.8c0 1.4-2 1.5-2 3M8 11.6v.1",
  upload: "M8 10.5v-8M4.8 5.5 8 2.3l3.2 3.2M2.5 10v3.5h11V10",
};

/**
 * A small line drawing that says nothing to screen readers: the button around it has the words.
 * @param {keyof typeof PATHS} name
 */
export function icon(name) {
  const space = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("class", "icon");
  const path = document.createElementNS(space, "path");
  path.setAttribute("d", PATHS[name]);
  svg.append(path);
  return svg;
}

/**
 * The element of the page with that id.
 * @param {string} id
 */
export function byId(id) {
  const element = document.getElementById(id);
  if (element === null) throw new Error(`the page has no #${id}`);
  return element;
}

/**
 * A row of buttons of which one is pressed; arrow keys move between them, as in any group of radio buttons.
 * @param {{
 *   name: string, label: string, words: readonly (readonly [value: string, text: string])[], value: string,
 *   onPick: (value: string) => void,
 * }} setup
 */
export function segmented({ name, label, words, value, onPick }) {
  const inputs = words.map(([word]) =>
    h("input", { type: "radio", name, value: word, checked: word === value, change: () => onPick(word) }),
  );
  const labels = words.map(([, text], index) => h("label", {}, inputs[index] ?? "", h("span", {}, text)));
  const element = h("div", { class: "segmented", role: "radiogroup", "aria-label": label }, ...labels);
  return {
    element,
    /** @param {string} next */
    write(next) {
      for (const input of inputs) input.checked = input.value === next;
    },
  };
}

/**
 * Tells screen readers of something that is seen elsewhere.
 * @param {string} text
 */
export function announce(text) {
  byId("status").textContent = text;
}

/**
 * Copies a text and says so on the button for a moment. Without the clipboard (a page over plain HTTP from another
 * machine has none) the text is selected by a field of our own.
 * @param {string} text
 * @param {HTMLElement} button
 */
export async function copyText(text, button) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const field = h("textarea", { class: "visually-hidden" }, text);
    button.after(field);
    field.select();
    document.execCommand("copy");
    field.remove();
    button.focus();
  }
  button.dataset["copied"] = "";
  announce("Copied");
  setTimeout(() => delete button.dataset["copied"], 1200);
}
