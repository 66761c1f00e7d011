/** @import { PlanAnswer, UrlReading } from "../api.ts" */
import { h } from "./dom.js";
import { titleOf } from "./wording.js";

/** What the URL asks for, and what the server makes of it, in words. */
export function createExplainPanel() {
  const list = h("dl", { class: "explained" });
  const none = h("p", { class: "note" }, "No options: the source is only encoded anew where that is needed.");
  const plan = h("pre", { tabindex: 0, "aria-label": "Plan" });
  const element = h("div", { class: "panel explain-panel" }, none, list, h("h4", {}, "Plan"), plan);
  return {
    element,
    /** @param {UrlReading} reading */
    write({ explained, extension }) {
      const format =
        extension === ""
          ? []
          : [explainRow(`@${extension}`, [`The result is ${extension}, whatever else is said.`], [])];
      none.hidden = explained.length + format.length > 0;
      list.replaceChildren(
        ...explained
          .filter(({ name }) => name !== "format" || extension === "")
          .flatMap(({ written, name, doc, arguments: args }) =>
            explainRow(
              written,
              [h("strong", {}, titleOf(name)), ` ${doc.replace(/`/g, "")}`],
              args.map((argument) => `${argument.name} ${argument.value}`),
            ),
          ),
        ...format.flat(),
      );
    },
    /** @param {PlanAnswer["plan"]} text */
    writePlan(text) {
      plan.textContent = text.trimEnd();
    },
  };
}

/**
 * @param {string} written
 * @param {readonly (Node | string)[]} words
 * @param {readonly string[]} args
 */
function explainRow(written, words, args) {
  return [
    h("dt", {}, h("code", {}, written)),
    h("dd", {}, ...words, ...(args.length === 0 ? [] : [h("span", { class: "note" }, args.join(" · "))])),
  ];
}
