/**
 * Puts the page together. What the reader does changes the wish; a changed wish is read by the server, which makes the URL,
 * and then fetched as a picture.
 *
 * @import { Setup } from "../api.ts"
 */
import { announce, byId, h } from "./dom.js";
import { createFacts } from "./facts.js";
import { createForm } from "./form.js";
import { enter } from "./gate.js";
import { createPanels } from "./panels.js";
import { createPicker } from "./pick.js";
import { createRenderer } from "./render.js";
import { createSegments, FORMAT } from "./segments.js";
import { createSession } from "./session.js";
import { createSourcePicker } from "./source.js";
import { createStage } from "./stage.js";
import { createThemeSwitch } from "./theme.js";
import { createUrlBox } from "./url-box.js";

/** What a first look begins with, where the server allows it. @type {readonly (readonly [string, readonly string[]])[]} */
const FIRST_LOOK = [
  ["resize", ["fit", "480", "480"]],
  [FORMAT, ["webp"]],
];

byId("theme").append(createThemeSwitch());
start(await enter());

/** @param {Setup} setup */
function start(setup) {
  byId("version").textContent = setup.version;
  const segments = createSegments(setup);
  const renderer = createRenderer(segments);
  const picker = createPicker({
    onGravity: ({ type, x, y }) => session.setOption("gravity", [type, x, y]),
    onCrop: (args) => session.setOption("crop", args),
  });
  const stage = createStage({ picker, onView: () => session.see() });
  const form = createForm({ setup, onChange: (name, args) => session.setOption(name, args) });
  const sources = createSourcePicker({
    setup,
    onSource: (source, how) => session.setSource(source, how),
    onFile: (file) => session.setFile(file, setup.maxUploadBytes),
    loadThumb: (source) => session.loadThumb(source),
  });
  const url = createUrlBox({
    isSigned: setup.isSigned,
    onEdit: (text) => session.setUrl(text),
    onEncoding: (encoding) => session.setEncoding(encoding),
  });
  const facts = createFacts(byId("facts"));
  const panels = createPanels(setup, renderer, segments, {
    wish: () => session.wish,
    onFormat: (format) => session.setOption(FORMAT, [format]),
    onAccept: () => session.refresh(),
  });
  const session = createSession(
    { segments, renderer },
    { stage, picker, form, sources, url, facts, panels, fault: showFault },
  );

  byId("source").append(sources.element);
  byId("url").append(url.element);
  byId("stage").append(stage.element);
  byId("options").append(form.element);
  byId("panels").append(...panels.elements);
  byId("app").hidden = false;

  const first = setup.isOnlyPresets
    ? []
    : FIRST_LOOK.filter(([name]) => (segments.rows.get(name)?.written ?? null) !== null);
  session.begin({ source: setup.sources[0] ?? "", options: new Map(first) });

  /** @param {{ message: string, hint: string | null } | undefined} fault */
  function showFault(fault) {
    const box = byId("fault");
    box.hidden = fault === undefined;
    box.replaceChildren(
      ...(fault === undefined
        ? []
        : [h("strong", {}, fault.message), ...(fault.hint === null ? [] : [h("span", {}, ` ${fault.hint}`)])]),
    );
    if (fault === undefined) announce("The picture is up to date");
  }
}
