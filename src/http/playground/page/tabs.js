import { h } from "./dom.js";

/**
 * Panels of which one is seen, as the authoring practices for tabs have it: arrow keys, Home and End move between them.
 * @param {{
 *   label: string, tabs: readonly { readonly name: string, readonly title: string, readonly panel: HTMLElement }[],
 *   onShow: (name: string) => void,
 * }} parts
 */
export function createTabs({ label, tabs, onShow }) {
  const buttons = tabs.map(({ name, title, panel }, index) => {
    panel.id = `panel-${name}`;
    panel.setAttribute("role", "tabpanel");
    panel.setAttribute("aria-labelledby", `tab-${name}`);
    return h(
      "button",
      {
        type: "button",
        role: "tab",
        id: `tab-${name}`,
        "aria-controls": panel.id,
        click: () => choose(index),
      },
      title,
    );
  });
  let chosen = 0;

  /** @param {number} index */
  function choose(index) {
    chosen = index;
    buttons.forEach((button, at) => {
      button.setAttribute("aria-selected", String(at === index));
      button.tabIndex = at === index ? 0 : -1;
    });
    tabs.forEach(({ panel }, at) => {
      panel.hidden = at !== index;
    });
    const tab = tabs[index];
    if (tab !== undefined) onShow(tab.name);
  }

  /** @param {Event} event */
  function move(event) {
    if (!(event instanceof KeyboardEvent)) return;
    const last = buttons.length - 1;
    const goals = {
      ArrowLeft: chosen === 0 ? last : chosen - 1,
      ArrowRight: chosen === last ? 0 : chosen + 1,
      Home: 0,
      End: last,
    };
    const goal = Object.entries(goals).find(([key]) => key === event.key)?.[1];
    if (goal === undefined) return;
    event.preventDefault();
    choose(goal);
    buttons[goal]?.focus();
  }

  const list = h("div", { class: "tabs", role: "tablist", "aria-label": label, keydown: move }, ...buttons);
  choose(0);
  return {
    elements: [list, ...tabs.map(({ panel }) => panel)],
    get shown() {
      return tabs[chosen]?.name ?? "";
    },
  };
}
