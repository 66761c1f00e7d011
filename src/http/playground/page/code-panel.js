/** @import { SnippetFacts } from "./snippets.js" */
import { copyText, h, icon } from "./dom.js";
import { SNIPPETS } from "./snippets.js";

const CHOICE = "imgproxy-snippet";

export function createCodePanel() {
  /** @type {SnippetFacts | undefined} */
  let facts;
  let turn = 0;
  const code = h("code");
  const select = h(
    "select",
    {
      "aria-label": "Language",
      change: () => {
        localStorage.setItem(CHOICE, select.value);
        void show();
      },
    },
    ...SNIPPETS.map(({ name, title }) => h("option", { value: name }, title)),
  );
  const kept = localStorage.getItem(CHOICE);
  if (SNIPPETS.some(({ name }) => name === kept)) select.value = kept ?? "";
  const copy = h(
    "button",
    { type: "button", class: "button", click: () => void copyText(code.textContent ?? "", copy) },
    icon("copy"),
    h("span", {}, "Copy code"),
  );
  const note = h("p", { class: "note" });
  const element = h(
    "div",
    { class: "panel code-panel" },
    h("div", { class: "panel-head" }, select, copy),
    h("pre", { tabindex: 0, "aria-label": "Code" }, code),
    note,
  );

  async function show() {
    const snippet = SNIPPETS.find(({ name }) => name === select.value);
    if (facts === undefined || snippet === undefined) return;
    const mine = ++turn;
    const text = await Promise.resolve(snippet.write(facts)).catch((error) => `# ${String(error)}`);
    // A slower answer to an earlier question must not replace a newer one.
    if (mine !== turn) return;
    code.textContent = text;
    note.hidden = !facts.isSigned || !text.includes("IMGPROXY_KEY");
    note.textContent = "Key and salt are read from the environment of your program; this page never sees them.";
  }

  return {
    element,
    /** @param {SnippetFacts} next */
    write(next) {
      facts = next;
      if (!element.hidden) void show();
    },
    show,
  };
}
