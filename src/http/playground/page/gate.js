/** @import { Setup } from "../api.ts" */
import { byId, h } from "./dom.js";
import { askSetup, faultOf, hasSecret, keepSecret, ServerFault } from "./server.js";

/**
 * Gets the settings of the server, asking the reader for the secret for as long as the server refuses.
 * @returns {Promise<Setup>}
 */
export async function enter() {
  const gate = byId("gate");
  for (;;) {
    try {
      const setup = await askSetup();
      gate.hidden = true;
      return setup;
    } catch (error) {
      const { message, hint } = faultOf(error);
      const isRefused = error instanceof ServerFault && error.status === 403;
      if (isRefused) await askForSecret(gate, { message, hint: hint ?? "", wasWrong: hasSecret() });
      else await askToRetry(gate, message);
    }
  }
}

/**
 * @param {HTMLElement} gate
 * @param {{ message: string, hint: string, wasWrong: boolean }} words
 * @returns {Promise<void>}
 */
function askForSecret(gate, { message, hint, wasWrong }) {
  return new Promise((resolve) => {
    const box = h("input", { type: "password", id: "secret", autocomplete: "off", required: true });
    const form = h(
      "form",
      {
        submit: (event) => {
          event.preventDefault();
          keepSecret(box.value);
          resolve();
        },
      },
      h("h2", {}, wasWrong ? "That secret is not the right one" : message),
      h("p", { class: "note" }, hint),
      h("label", { for: "secret" }, "Secret (IMGPROXY_SECRET), kept for this tab only"),
      h("div", { class: "gate-row" }, box, h("button", { class: "button primary" }, "Enter")),
    );
    gate.replaceChildren(form);
    gate.hidden = false;
    box.focus();
  });
}

/**
 * @param {HTMLElement} gate
 * @param {string} message
 * @returns {Promise<void>}
 */
function askToRetry(gate, message) {
  return new Promise((resolve) => {
    const retry = h("button", { type: "button", class: "button primary", click: () => resolve() }, "Try again");
    gate.replaceChildren(h("div", { class: "gate-row" }, h("h2", {}, message), retry));
    gate.hidden = false;
    retry.focus();
  });
}
