import { copyText, h, icon } from "./dom.js";
import { hasSecret } from "./server.js";

/**
 * The URL: live, editable, copyable.
 * @param {{ isSigned: boolean, onEdit: (url: string) => void, onEncoding: (encoding: "plain" | "base64") => void }} parts
 */
export function createUrlBox({ isSigned, onEdit, onEncoding }) {
  let url = "";
  /** Whether what was typed has not become the URL that is shown. */
  let isWanting = false;
  const box = h("textarea", {
    class: "code",
    rows: 1,
    spellcheck: "false",
    autocapitalize: "off",
    "aria-label": "URL",
    accesskey: "u",
    title: "Edit it, or paste another one (access key u)",
    input: () => {
      isWanting = true;
      onEdit(box.value.trim());
    },
    keydown: (event) => {
      if (event instanceof KeyboardEvent && event.key === "Enter") event.preventDefault();
    },
    blur: () => {
      // What could not be read stays, to be mended.
      if (!isWanting) box.value = url;
    },
  });
  const copy = h(
    "button",
    {
      type: "button",
      class: "button primary",
      accesskey: "c",
      title: "Copy the URL (access key c)",
      click: () => void copyText(url, copy),
    },
    icon("copy"),
    h("span", {}, "Copy"),
  );
  const open = h(
    "a",
    { class: "button", target: "_blank", rel: "noreferrer", title: "Open in a new tab" },
    icon("open"),
    h("span", {}, "Open"),
  );
  const badge = h("span", { class: "badge" });
  const base64 = h("input", {
    type: "checkbox",
    change: () => onEncoding(base64.checked ? "base64" : "plain"),
  });
  return {
    element: h(
      "div",
      { class: "url-box" },
      box,
      h(
        "div",
        { class: "url-row" },
        badge,
        h("label", { class: "check" }, base64, h("span", {}, h("span", { class: "long" }, "source in "), "base64")),
        h("span", { class: "space" }),
        open,
        copy,
      ),
    ),
    get value() {
      return url;
    },
    /**
     * @param {{ url: string, encoding: "plain" | "base64", isExample: boolean }} next  An example names a file that has no URL.
     */
    write({ url: next, encoding, isExample }) {
      url = next;
      isWanting = false;
      if (document.activeElement !== box) box.value = next;
      open.href = next;
      open.hidden = isExample || hasSecret(); // A new tab would not send the secret.
      base64.checked = encoding === "base64";
      badge.textContent = isExample
        ? "example: a file from this device has no URL"
        : isSigned
          ? "signed by the server"
          : "unsigned";
      badge.className = isSigned && !isExample ? "badge good" : "badge";
    },
  };
}
