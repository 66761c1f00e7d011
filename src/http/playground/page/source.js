/**
 * Where the picture comes from: a URL, an S3 key, a name from the list, or a file of the reader's own.
 *
 * @import { Setup } from "../api.ts"
 */
import { h, icon } from "./dom.js";
import { bytesText, sourceName } from "./wording.js";

const RECENT = "imgproxy-recent";
const MOST_RECENT = 8;
const MOST_THUMBS = 12;

/** @returns {readonly string[]} */
function recentSources() {
  try {
    const kept = JSON.parse(localStorage.getItem(RECENT) ?? "[]");
    return Array.isArray(kept) ? kept.filter((item) => typeof item === "string").slice(0, MOST_RECENT) : [];
  } catch {
    return []; // Somebody else's text, or storage is off.
  }
}

/**
 * Puts a source that has worked at the front of those offered.
 * @param {string} source
 */
export function rememberSource(source) {
  const others = recentSources().filter((item) => item !== source);
  try {
    localStorage.setItem(RECENT, JSON.stringify([source, ...others].slice(0, MOST_RECENT)));
  } catch {
    // Storage is off or full: then nothing is remembered.
  }
}

/**
 * @param {{
 *   setup: Setup, onSource: (source: string, how: { isTyped: boolean }) => void, onFile: (file: File) => void,
 *   loadThumb: (source: string) => Promise<string>,
 * }} parts
 */
export function createSourcePicker({ setup, onSource, onFile, loadThumb }) {
  const known = setup.sources;
  const list = h("datalist", { id: "sources" });
  const box = h("input", {
    type: "text",
    class: "code",
    list: "sources",
    id: "source-box",
    "aria-label": "Source",
    spellcheck: "false",
    autocapitalize: "off",
    placeholder: "s3://bucket/key.jpg · https://example.com/photo.jpg · local:///photo.jpg",
    input: () => {
      const source = box.value.trim();
      if (source !== "") onSource(source, { isTyped: true });
    },
    change: () => {
      const source = box.value.trim();
      if (source !== "") onSource(source, { isTyped: false });
    },
  });
  const chooser = h("input", {
    type: "file",
    accept: "image/*,.heic,.jxl,.avif",
    class: "visually-hidden",
    id: "source-file",
    change: () => {
      const [file] = chooser.files ?? [];
      if (file !== undefined) onFile(file);
      chooser.value = "";
    },
  });
  const upload = h(
    "label",
    { class: "button", for: "source-file", title: `Up to ${bytesText(setup.maxUploadBytes)}; nothing is kept` },
    icon("upload"),
    h("span", {}, "Choose a file"),
  );
  const thumbs = known
    .slice(0, MOST_THUMBS)
    .map((source) => ({ source, ...createThumb(source, () => onSource(source, { isTyped: false })) }));
  const strip = h(
    "div",
    { class: "strip", role: "group", "aria-label": "Offered sources" },
    ...thumbs.map(({ button }) => button),
  );
  strip.hidden = thumbs.length === 0;
  fillList();
  listenForDrops(onFile);

  function fillList() {
    const sources = [...new Set([...known, ...recentSources()])];
    list.replaceChildren(...sources.map((value) => h("option", { value })));
  }

  return {
    element: h(
      "div",
      { class: "source-box" },
      h("label", { for: "source-box", class: "lead" }, "Source"),
      box,
      list,
      chooser,
      upload,
      strip,
    ),
    /**
     * @param {string} source
     * @param {File | undefined} file
     */
    write(source, file) {
      if (document.activeElement !== box) box.value = file === undefined ? source : "";
      box.placeholder =
        file === undefined ? box.placeholder : `${file.name}, ${bytesText(file.size)}, from this device`;
      for (const thumb of thumbs)
        thumb.button.setAttribute("aria-pressed", String(file === undefined && thumb.source === source));
      fillList();
    },
    /** Small pictures of what is offered, one after the other: they are not what anybody waits for. */
    async loadThumbs() {
      for (const { source, image } of thumbs) {
        const url = await loadThumb(source).catch(() => undefined);
        if (url !== undefined) image.src = url;
        image.hidden = url === undefined;
      }
    },
  };
}

/**
 * @param {string} source
 * @param {() => void} onPick
 */
function createThumb(source, onPick) {
  const image = h("img", { alt: "", width: 40, height: 40, hidden: true });
  const name = h("span", {}, sourceName(source));
  const button = h("button", { type: "button", title: source, "aria-pressed": "false", click: onPick }, image, name);
  return { button, image };
}

/**
 * The whole page takes files.
 * @param {(file: File) => void} onFile
 */
function listenForDrops(onFile) {
  const hasFile = (/** @type {DragEvent} */ event) => event.dataTransfer?.types.includes("Files") === true;
  addEventListener("dragover", (event) => {
    if (!hasFile(event)) return;
    event.preventDefault();
    document.body.dataset["drop"] = "";
  });
  addEventListener("dragleave", (event) => {
    if (event.relatedTarget === null) delete document.body.dataset["drop"];
  });
  addEventListener("drop", (event) => {
    delete document.body.dataset["drop"];
    const file = event.dataTransfer?.files[0];
    if (file === undefined) return;
    event.preventDefault();
    onFile(file);
  });
}
