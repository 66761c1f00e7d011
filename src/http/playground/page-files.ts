/** The page's files, as they lie in `page/`. */
import app from "./page/app.js" with { type: "text" };
import baseStyle from "./page/base.css" with { type: "text" };
import card from "./page/card.js" with { type: "text" };
import codePanel from "./page/code-panel.js" with { type: "text" };
import controlsStyle from "./page/controls.css" with { type: "text" };
import dom from "./page/dom.js" with { type: "text" };
import explainPanel from "./page/explain-panel.js" with { type: "text" };
import factsStyle from "./page/facts.css" with { type: "text" };
import facts from "./page/facts.js" with { type: "text" };
import fields from "./page/fields.js" with { type: "text" };
import form from "./page/form.js" with { type: "text" };
import gate from "./page/gate.js" with { type: "text" };
import layoutStyle from "./page/layout.css" with { type: "text" };
import numberField from "./page/number-field.js" with { type: "text" };
import optionsStyle from "./page/options.css" with { type: "text" };
import original from "./page/original.js" with { type: "text" };
import pad from "./page/pad.js" with { type: "text" };
import html from "./page/page.html" with { type: "text" };
import panelsStyle from "./page/panels.css" with { type: "text" };
import panels from "./page/panels.js" with { type: "text" };
import pick from "./page/pick.js" with { type: "text" };
import racePanel from "./page/race-panel.js" with { type: "text" };
import render from "./page/render.js" with { type: "text" };
import responsePanel from "./page/response-panel.js" with { type: "text" };
import segments from "./page/segments.js" with { type: "text" };
import server from "./page/server.js" with { type: "text" };
import session from "./page/session.js" with { type: "text" };
import snippets from "./page/snippets.js" with { type: "text" };
import source from "./page/source.js" with { type: "text" };
import stageStyle from "./page/stage.css" with { type: "text" };
import stage from "./page/stage.js" with { type: "text" };
import tabs from "./page/tabs.js" with { type: "text" };
import tailFields from "./page/tail-fields.js" with { type: "text" };
import theme from "./page/theme.js" with { type: "text" };
import urlBox from "./page/url-box.js" with { type: "text" };
import wording from "./page/wording.js" with { type: "text" };

type PageFile = { readonly type: string; readonly text: string };

const STYLES: Readonly<Record<string, string>> = {
  "base.css": baseStyle,
  "controls.css": controlsStyle,
  "facts.css": factsStyle,
  "layout.css": layoutStyle,
  "options.css": optionsStyle,
  "panels.css": panelsStyle,
  "stage.css": stageStyle,
};

const SCRIPTS: Readonly<Record<string, string>> = {
  "app.js": app,
  "card.js": card,
  "code-panel.js": codePanel,
  "dom.js": dom,
  "explain-panel.js": explainPanel,
  "facts.js": facts,
  "fields.js": fields,
  "form.js": form,
  "gate.js": gate,
  "number-field.js": numberField,
  "original.js": original,
  "pad.js": pad,
  "panels.js": panels,
  "pick.js": pick,
  "race-panel.js": racePanel,
  "render.js": render,
  "response-panel.js": responsePanel,
  "segments.js": segments,
  "server.js": server,
  "session.js": session,
  "snippets.js": snippets,
  "source.js": source,
  "stage.js": stage,
  "tabs.js": tabs,
  "tail-fields.js": tailFields,
  "theme.js": theme,
  "url-box.js": urlBox,
  "wording.js": wording,
};

/** The page itself, with `{{base}}` and `{{nonce}}` to be filled in. */
export const PAGE: string = html;

/** What the page loads, by name. */
export const PAGE_FILES: ReadonlyMap<string, PageFile> = new Map<string, PageFile>([
  ...Object.entries(STYLES).map(([name, text]) => [name, { type: "text/css", text }] as const),
  ...Object.entries(SCRIPTS).map(([name, text]) => [name, { type: "text/javascript", text }] as const),
]);
