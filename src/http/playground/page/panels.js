/**
 * Code, race of formats, explanation, answer: what more there is to say about a URL.
 *
 * @import { PlanAnswer, Setup, UrlReading } from "../api.ts"
 * @import { createRenderer, Variation, Wish } from "./render.js"
 * @import { createSegments } from "./segments.js"
 * @import { ImageAnswer } from "./server.js"
 */
import { createCodePanel } from "./code-panel.js";
import { createExplainPanel } from "./explain-panel.js";
import { canRace, createRacePanel } from "./race-panel.js";
import { createResponsePanel } from "./response-panel.js";
import { createTabs } from "./tabs.js";

/**
 * @param {Setup} setup
 * @param {ReturnType<typeof createRenderer>} renderer
 * @param {ReturnType<typeof createSegments>} segments
 * @param {{ wish: () => Wish, onFormat: (format: string) => void, onAccept: () => void }} session
 */
export function createPanels(setup, renderer, segments, { wish, onFormat, onAccept }) {
  /** @type {PlanAnswer["source"] | undefined} */
  let source;
  let raced = "";
  const code = createCodePanel();
  const explain = createExplainPanel();
  const response = createResponsePanel({ onAccept });
  const race = createRacePanel({
    render: (format, signal) => renderer.render(wish(), { format }, { signal }),
    sourceBytes: () => source?.bytes,
    onPick: onFormat,
  });
  const tabs = createTabs({
    label: "More about this URL",
    tabs: [
      { name: "code", title: "Code", panel: code.element },
      ...(canRace(setup) ? [{ name: "formats", title: "Formats", panel: race.element }] : []),
      { name: "explain", title: "Explain", panel: explain.element },
      { name: "response", title: "Answer", panel: response.element },
    ],
    onShow: (name) => {
      if (name === "code") void code.show();
      if (name === "formats") race.show();
    },
  });

  /**
   * A signed URL for another format or density.
   * @param {{ format?: string, dpr?: number }} variation
   */
  async function urlOf({ format, dpr }) {
    const density = segments.rows.get("dpr")?.written ?? "dpr";
    /** @type {Variation} */
    const variation = {
      without: ["dpr"],
      ...(format === undefined ? {} : { format }),
      ...(dpr === undefined ? {} : { extra: [`${density}${setup.separator}${dpr}`] }),
    };
    return location.origin + (await renderer.targetOf(wish(), variation));
  }

  return {
    elements: tabs.elements,
    get accept() {
      return response.accept;
    },
    /** @param {{ wish: Wish, reading: UrlReading, answer: ImageAnswer, size: { width: number, height: number } }} shown */
    write(shown) {
      const { target, path } = shown.reading;
      const options = segments.write(shown.wish.options).map(({ text }) => text);
      code.write({
        origin: location.origin,
        prefix: setup.pathPrefix,
        target,
        path,
        isSigned: setup.isSigned,
        signatureSize: setup.signatureSize,
        options,
        mime: shown.answer.type,
        ...shown.size,
        urlOf,
      });
      explain.write(shown.reading);
      response.write(shown.answer);
      const key = JSON.stringify([options, shown.wish.source, shown.wish.file?.name]);
      if (key !== raced) race.outdate();
      raced = key;
    },

    /** @param {PlanAnswer | undefined} plan */
    writePlan(plan) {
      source = plan?.source;
      explain.writePlan(plan?.plan ?? "");
    },
  };
}
