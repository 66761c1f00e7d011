/**
 * The reader's session: what is wished for, and the one way from there to everything that is seen.
 *
 * @import { UrlReading } from "../api.ts"
 * @import { createFacts } from "./facts.js"
 * @import { createForm } from "./form.js"
 * @import { createPanels } from "./panels.js"
 * @import { Picker } from "./pick.js"
 * @import { createRenderer, Wish } from "./render.js"
 * @import { createSegments, Options } from "./segments.js"
 * @import { ImageAnswer } from "./server.js"
 * @import { createSourcePicker } from "./source.js"
 * @import { createStage } from "./stage.js"
 * @import { createUrlBox } from "./url-box.js"
 * @typedef {{ segments: ReturnType<typeof createSegments>, renderer: ReturnType<typeof createRenderer> }} Tools
 * @typedef {{
 *   stage: ReturnType<typeof createStage>, picker: Picker, form: ReturnType<typeof createForm>,
 *   sources: ReturnType<typeof createSourcePicker>, url: ReturnType<typeof createUrlBox>,
 *   facts: ReturnType<typeof createFacts>, panels: ReturnType<typeof createPanels>,
 *   fault: (fault: { message: string, hint: string | null } | undefined) => void,
 * }} Views
 */
import { createOriginal } from "./original.js";
import { toPicture } from "./render.js";
import { FORMAT } from "./segments.js";
import { askUrl, faultOf } from "./server.js";
import { rememberSource } from "./source.js";
import { bytesText, formatText } from "./wording.js";

/** A slider that is dragged changes many times a second. */
const PAUSE_MS = 120;
/** Half a URL is only an error; whoever types gets the time to. */
const TYPING_PAUSE_MS = 500;

/** Options that change nothing but how the result is packed. */
const PACKING = ["quality", "format_quality", "max_bytes", FORMAT];

/**
 * @param {Tools} tools
 * @param {Views} views
 */
export function createSession({ segments, renderer }, views) {
  /** @type {Wish} */
  let wish = { options: new Map(), source: "", encoding: "plain", file: undefined };
  /** @type {UrlReading | undefined} */
  let reading;
  /** @type {string | undefined} */
  let resultUrl;
  /** @type {AbortController | undefined} */
  let running;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  let lastHash = "";
  const original = createOriginal(renderer, views, () => views.panels.accept);

  /**
   * @param {Partial<Wish>} change
   * @param {number} [pauseMs]
   */
  function change(change, pauseMs = PAUSE_MS) {
    wish = { ...wish, ...change };
    show();
    clearTimeout(timer);
    timer = setTimeout(() => void refresh(), pauseMs);
  }

  function show() {
    views.form.write(wish.options);
    views.sources.write(wish.source, wish.file);
    const [type = "", x = "", y = ""] = wish.options.get("gravity") ?? [];
    views.stage.setGravity({ type, x, y });
    views.picker.write({ type, x, y }, wish.options.get("crop") ?? []);
  }

  async function refresh() {
    clearTimeout(timer);
    running?.abort();
    const mine = new AbortController();
    running = mine;
    views.stage.setState("busy");
    try {
      const answer = await renderer.read(wish, mine.signal);
      if (answer.reading !== null) showReading(answer.reading);
      const fault = wish.file !== undefined && answer.fault?.optionIndex === null ? null : answer.fault;
      if (fault !== null) {
        fail(fault);
        return await original.update(wish, mine.signal, undefined);
      }
      await Promise.all([showResult(mine.signal), original.update(wish, mine.signal, reading?.path)]);
    } catch (error) {
      if (!mine.signal.aborted) fail(faultOf(error));
    }
  }

  /** @param {UrlReading} next */
  function showReading(next) {
    reading = next;
    const isExample = wish.file !== undefined;
    views.url.write({ url: location.origin + next.target, encoding: wish.encoding, isExample });
    lastHash = `#${next.path}`;
    if (!isExample) history.replaceState(null, "", lastHash);
  }

  /** @param {AbortSignal} signal */
  async function showResult(signal) {
    if (reading === undefined) return;
    const settings = { signal, accept: views.panels.accept };
    const answer = await renderer.render(wish, {}, settings);
    const picture = await toPicture(answer.blob);
    if (signal.aborted) return;
    views.fault(undefined);
    views.form.setFault(undefined);
    if (picture === undefined) {
      fail({
        message: `This browser cannot show ${answer.type}`,
        hint: "The picture was made all the same; open it to save it.",
        optionIndex: null,
      });
    } else showPicture(picture, answer);
    views.panels.write({ wish, reading, answer, size: picture ?? { width: 0, height: 0 } });
    if (wish.file === undefined) rememberSource(wish.source);
  }

  /**
   * @param {{ url: string, width: number, height: number }} picture
   * @param {ImageAnswer} answer
   */
  function showPicture({ url, width, height }, answer) {
    views.facts.setResult({ answer, width, height });
    const details = `${formatText(answer.type)} ${width} × ${height}, ${bytesText(answer.blob.size)}`;
    views.stage.set({ result: { url, width, height, name: "Result", details } });
    views.stage.setState("idle");
    if (resultUrl !== undefined) URL.revokeObjectURL(resultUrl);
    resultUrl = url;
    original.outdate(losslessKey());
    void see();
  }

  /** @param {{ message: string, hint: string | null, optionIndex: number | null }} fault */
  function fail(fault) {
    views.stage.setState("failed");
    views.fault(fault);
    const index = fault.optionIndex;
    views.form.setFault(index === null ? undefined : segments.write(wish.options)[index]?.name);
  }

  /** What decides the pixels of the picture, whatever it is packed into. */
  function losslessKey() {
    const query = renderer.queryOf(wish, { format: "png", without: PACKING });
    return JSON.stringify([query, wish.file?.name, wish.file?.lastModified]);
  }

  /** Gets what the view compares with, if it is not there yet. */
  async function see() {
    if (views.stage.baseline !== "lossless" || views.stage.view === "pick" || views.stage.view === "result") return;
    await original
      .loadLossless(wish, { format: "png", without: PACKING }, losslessKey())
      .catch((error) => fail(faultOf(error)));
  }

  /**
   * @param {readonly (readonly [string, string])[]} query
   */
  async function follow(query) {
    const { reading: next, fault } = await askUrl(query).catch((error) => ({ reading: null, fault: faultOf(error) }));
    if (next === null) return fail(fault ?? { message: "No URL", hint: null, optionIndex: null });
    const faulty = next.options[fault?.optionIndex ?? Number.NaN];
    // The form has no place for an option that it does not know, and leaving it out would hide the fault.
    if (fault !== null && faulty !== undefined && !segments.rows.has(faulty.name)) {
      return fail({ ...fault, optionIndex: null });
    }
    change({ options: segments.read(next), source: next.source, encoding: next.encoding, file: undefined });
  }

  addEventListener("hashchange", () => {
    if (location.hash !== lastHash && location.hash.length > 1) void follow([["path", location.hash.slice(1)]]);
  });

  return {
    get wish() {
      return wish;
    },
    refresh: () => void refresh(),
    see: () => void see(),

    /** @param {{ source: string, options: Options }} first */
    begin(first) {
      if (location.hash.length > 1) void follow([["path", location.hash.slice(1)]]);
      else if (first.source === "") show();
      else change(first);
      setTimeout(() => void views.sources.loadThumbs(), 500);
    },

    /**
     * @param {string} name
     * @param {readonly string[]} args
     */
    setOption(name, args) {
      const options = new Map(wish.options);
      if (args.some((text) => text !== "")) options.set(name, args);
      else options.delete(name);
      change({ options });
    },

    /**
     * @param {string} source
     * @param {{ isTyped: boolean }} how
     */
    setSource: (source, { isTyped }) => change({ source, file: undefined }, isTyped ? TYPING_PAUSE_MS : 0),

    /** @param {"plain" | "base64"} encoding */
    setEncoding: (encoding) => change({ encoding }),

    /**
     * @param {File} file
     * @param {number} maxBytes
     */
    setFile(file, maxBytes) {
      if (file.size <= maxBytes) return change({ file });
      const message = `${file.name} has ${bytesText(file.size)}, ${bytesText(maxBytes)} are allowed`;
      views.fault({ message, hint: "IMGPROXY_MAX_SRC_FILE_SIZE sets the limit." });
    },

    /** @param {string} url */
    setUrl(url) {
      clearTimeout(typing);
      if (url !== "") typing = setTimeout(() => void follow([["url", url]]), PAUSE_MS);
    },

    /**
     * A small picture of a source, as a URL that an image can show.
     * @param {string} source
     */
    async loadThumb(source) {
      const resize = segments.write(new Map([["resize", ["fill", "80", "80"]]])).map(({ text }) => text);
      const thumb = { ...wish, source, file: undefined };
      const { blob } = await renderer.render(thumb, { only: resize, format: "webp" }, {});
      return URL.createObjectURL(blob);
    },
  };
}
