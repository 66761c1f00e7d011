/**
 * What the result is compared with: the original, or the same pixels without compression.
 *
 * @import { PlanAnswer } from "../api.ts"
 * @import { createFacts } from "./facts.js"
 * @import { createPanels } from "./panels.js"
 * @import { createRenderer, Variation, Wish } from "./render.js"
 * @import { createStage } from "./stage.js"
 */
import { toPicture } from "./render.js";
import { bytesText, formatText } from "./wording.js";

/** What every browser shows, for originals that it does not. */
const SHOWABLE = "webp";

/**
 * @param {ReturnType<typeof createRenderer>} renderer
 * @param {{
 *   stage: ReturnType<typeof createStage>, facts: ReturnType<typeof createFacts>, panels: ReturnType<typeof createPanels>,
 * }} views
 * @param {() => string} accept
 */
export function createOriginal(renderer, { stage, facts, panels }, accept) {
  /** @type {string | File | undefined} */
  let shown;
  /** @type {string | undefined} */
  let shownUrl;
  /** @type {string | undefined} */
  let losslessKey;
  /** @type {string | undefined} */
  let losslessUrl;

  /**
   * @param {Wish} wish
   * @param {AbortSignal} signal
   */
  async function fetchOriginal(wish, signal) {
    if (wish.file !== undefined) {
      const picture = await toPicture(wish.file);
      if (picture !== undefined) return picture;
    } else {
      // Presets or a list of allowed options may leave no way to the raw bytes.
      const raw = await renderer.render(wish, { only: ["raw:1"] }, { signal }).catch(() => undefined);
      const picture = raw === undefined ? undefined : await toPicture(raw.blob);
      if (picture !== undefined) return picture;
    }
    const { blob } = await renderer.render(wish, { only: [], format: SHOWABLE }, { signal });
    return toPicture(blob);
  }

  return {
    /**
     * Shows another original when the source is another one, and the plan in any case.
     * @param {Wish} wish
     * @param {AbortSignal} signal
     * @param {string | undefined} path of the URL, where nothing is wrong with it
     */
    async update(wish, signal, path) {
      const key = wish.file ?? wish.source;
      const settings = { signal, accept: accept() };
      // What is wrong with the source is told by the result, too.
      const plan = path === undefined ? undefined : await renderer.plan(wish, path, settings).catch(() => undefined);
      if (signal.aborted) return;
      facts.setSource(plan?.source);
      panels.writePlan(plan);
      if (key === shown) return;
      const picture = await fetchOriginal(wish, signal).catch(() => undefined);
      if (signal.aborted || picture === undefined) return;
      const details = plan === undefined ? "" : sourceText(plan.source);
      stage.set({ original: { ...picture, name: "Original", details } });
      if (shownUrl !== undefined) URL.revokeObjectURL(shownUrl);
      shownUrl = picture.url;
      shown = key;
    },

    /**
     * @param {Wish} wish
     * @param {Variation} variation
     * @param {string} key
     */
    async loadLossless(wish, variation, key) {
      if (key === losslessKey) return;
      losslessKey = key;
      const { blob } = await renderer.render(wish, variation, {});
      const picture = await toPicture(blob);
      if (picture === undefined || losslessKey !== key) return;
      stage.set({ lossless: { ...picture, name: "Uncompressed", details: `PNG, ${bytesText(blob.size)}` } });
      if (losslessUrl !== undefined) URL.revokeObjectURL(losslessUrl);
      losslessUrl = picture.url;
    },

    /**
     * Forgets the uncompressed picture when it is no longer that of the result.
     * @param {string} key
     */
    outdate(key) {
      if (losslessKey === key) return;
      losslessKey = undefined;
      stage.set({ lossless: undefined });
    },
  };
}

/** @param {PlanAnswer["source"]} source */
function sourceText({ format, width, height, bytes }) {
  return `${formatText(format)} ${width} × ${height}, ${bytesText(bytes)}`;
}
