/**
 * From what the form holds to a URL and a picture.
 *
 * @import { UrlAnswer } from "../api.ts"
 * @import { Options, Segment } from "./segments.js"
 * @import { ImageAnswer } from "./server.js"
 * @typedef {{
 *   options: Options, source: string, encoding: "plain" | "base64",
 *   file: File | undefined,
 * }} Wish  A `file` takes the place of the source.
 * @typedef {{ format?: string, extra?: readonly string[], without?: readonly string[], only?: readonly string[] }} Variation
 *   Another `format`, `extra` segments, segments `without` some options, or `only` these segments.
 */

import { FORMAT } from "./segments.js";
import { askPlan, askUrl, fetchImage, ServerFault } from "./server.js";

/** An uploaded file has no URL; the one that is shown names it as if it lay in a folder. */
const EXAMPLE = "local:///";

/**
 * @param {{ write: (options: Options) => readonly Segment[] }} segments
 */
export function createRenderer({ write }) {
  /**
   * @param {Wish} wish
   * @param {Variation} variation
   */
  function segmentsOf({ options }, { extra = [], without = [], only }) {
    if (only !== undefined) return only;
    const kept = write(options).filter(({ name }) => !without.includes(name));
    return [...kept.map((segment) => segment.text), ...extra];
  }

  /**
   * @param {Wish} wish
   * @param {Variation} [variation]
   * @returns {readonly (readonly [string, string])[]}
   */
  function queryOf(wish, variation = {}) {
    const extension = variation.format ?? wish.options.get(FORMAT)?.[0] ?? "";
    return [
      ...segmentsOf(wish, variation).map((segment) => /** @type {const} */ (["option", segment])),
      ["source", wish.file === undefined ? wish.source : EXAMPLE + wish.file.name],
      ["extension", extension],
      ["encoding", wish.encoding],
    ];
  }

  /**
   * The target of a variation; throws `ServerFault` where the server refuses it.
   * @param {Wish} wish
   * @param {Variation} variation
   * @param {AbortSignal} [signal]
   */
  async function targetOf(wish, variation, signal) {
    const { reading, fault } = await askUrl(queryOf(wish, variation), signal);
    const isRefused = fault !== null && (wish.file === undefined || fault.optionIndex !== null);
    if (reading === null || isRefused) {
      throw new ServerFault(fault ?? { message: "No URL can say this", hint: null, optionIndex: null }, 0);
    }
    return reading.target;
  }

  return {
    queryOf,
    targetOf,

    /**
     * @param {Wish} wish
     * @param {AbortSignal} signal
     * @returns {Promise<UrlAnswer>}
     */
    read: (wish, signal) => askUrl(queryOf(wish), signal),

    /**
     * Makes the picture.
     * @param {Wish} wish
     * @param {Variation} variation
     * @param {{ accept?: string, signal?: AbortSignal }} settings
     * @returns {Promise<ImageAnswer>}
     */
    async render(wish, variation, settings) {
      if (wish.file !== undefined) return fetchImage({ query: queryOf(wish, variation), file: wish.file }, settings);
      return fetchImage({ target: await targetOf(wish, variation, settings.signal) }, settings);
    },

    /**
     * What the source is and what would be done to it.
     * @param {Wish} wish
     * @param {string} path of the reading
     * @param {{ accept?: string, signal?: AbortSignal }} settings
     */
    plan: ({ file, ...wish }, path, settings) =>
      file === undefined
        ? askPlan([["path", path]], settings)
        : askPlan(queryOf({ file, ...wish }), { ...settings, body: file }),
  };
}

/**
 * A picture that the browser can show, with its size; undefined where it cannot.
 * @param {Blob} blob
 */
export async function toPicture(blob) {
  const url = URL.createObjectURL(blob);
  const image = new Image();
  image.src = url;
  try {
    await image.decode();
    // An SVG without a size of its own has none.
    return { url, width: image.naturalWidth || 300, height: image.naturalHeight || 150 };
  } catch {
    URL.revokeObjectURL(url);
    return undefined;
  }
}
