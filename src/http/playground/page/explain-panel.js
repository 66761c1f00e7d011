/** @import { PlanAnswer, UrlReading } from "../api.ts" */
import { h } from "./dom.js";
import { FORMAT } from "./segments.js";
import { titleOf } from "./wording.js";

/** What the URL asks for, and what the server makes of it, in words. */
export function createExplainPanel() {
  const list = h("dl", { class: "explained" });
  const none = h(
    "p",
    { class: "note", hidden: true },
    "The URL has no options: what follows is the server's own doing.",
  );
  const plan = h("pre", { tabindex: 0, "aria-label": "Plan" });
  const planBox = h("section", { hidden: true }, h("h4", {}, "Plan"), plan);
  const element = h("div", { class: "panel explain-panel" }, none, list, planBox);
  return {
    element,
    /** @param {UrlReading} reading */
    write({ explained, extension }) {
      none.hidden = explained.length > 0;
      list.replaceChildren(
        ...explained.flatMap(({ written, name, doc, arguments: args }) => [
          h("dt", {}, h("code", {}, name === FORMAT && extension !== "" ? `@${extension}` : written)),
          h(
            "dd",
            {},
            h("strong", {}, titleOf(name)),
            ` ${doc.replace(/`/g, "")}`,
            h("span", { class: "note" }, args.map((argument) => `${argument.name} ${argument.value}`).join(" · ")),
          ),
        ]),
      );
    },
    /** @param {PlanAnswer["plan"]} text empty where there is none */
    writePlan(text) {
      planBox.hidden = text === "";
      plan.textContent = text.trimEnd();
    },
  };
}
