/** @import { Fault, FaultAnswer, PlanAnswer, Setup, UrlAnswer } from "../api.ts" */

const SECRET = "imgproxy-secret";

/** What the server refuses, with the words of its error page. */
export class ServerFault extends Error {
  /**
   * @param {Fault} fault
   * @param {number} status 0 = no answer at all
   */
  constructor(fault, status) {
    super(fault.message);
    this.fault = fault;
    this.status = status;
  }
}

/**
 * The words of anything thrown.
 * @param {unknown} thrown
 * @returns {Fault}
 */
export function faultOf(thrown) {
  if (thrown instanceof ServerFault) return thrown.fault;
  return { message: thrown instanceof Error ? thrown.message : String(thrown), hint: null, optionIndex: null };
}

/** The bearer secret is kept for this tab only. */
export function hasSecret() {
  return sessionStorage.getItem(SECRET) !== null;
}

/** @param {string} secret */
export function keepSecret(secret) {
  if (secret === "") sessionStorage.removeItem(SECRET);
  else sessionStorage.setItem(SECRET, secret);
}

/**
 * @typedef {{ body?: Blob, accept?: string, signal?: AbortSignal }} RequestSettings
 *   `accept` may be empty to send none of the image types.
 */

/**
 * @param {string} target
 * @param {RequestSettings} settings
 */
async function request(target, { body, accept, signal }) {
  const secret = sessionStorage.getItem(SECRET);
  try {
    return await fetch(target, {
      method: body === undefined ? "GET" : "POST",
      headers: {
        ...(accept === undefined ? {} : { Accept: accept }),
        ...(secret === null ? {} : { Authorization: `Bearer ${secret}` }),
      },
      // What a browser has kept says nothing about the time the server takes.
      cache: "no-store",
      ...(body === undefined ? {} : { body }),
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    const hint = "Is the server still running?";
    throw new ServerFault({ message: "The server does not answer", hint, optionIndex: null }, 0);
  }
}

/**
 * @param {string} name
 * @param {readonly (readonly [string, string])[]} query
 */
function own(name, query) {
  const base = document.documentElement.dataset["base"] ?? "";
  const text = new URLSearchParams(query.map(([key, value]) => [key, value])).toString();
  return `${base}/${name}${text === "" ? "" : `?${text}`}`;
}

/**
 * @param {string} name
 * @param {readonly (readonly [string, string])[]} query
 * @param {RequestSettings} settings
 * @returns {Promise<unknown>}
 */
async function ask(name, query, settings) {
  const response = await request(own(name, query), settings);
  if (response.ok) return response.json();
  throw await jsonFault(response);
}

/** @param {Response} response */
async function jsonFault(response) {
  const answer =
    /** @type {FaultAnswer | null} Errors of the playground are of this form, those of a proxy of none. */ (
      await response.json().catch(() => null)
    );
  const message = `The server answers ${response.status} ${response.statusText}`;
  return new ServerFault(answer?.fault ?? { message, hint: null, optionIndex: null }, response.status);
}

export function askSetup() {
  // The server makes these answers from the same types.
  return /** @type {Promise<Setup>} */ (ask("setup", [], {}));
}

/**
 * A URL taken apart and signed: of its parts (`option`, `source`, `extension`, `encoding`), of a `path`, or of a whole `url`.
 * @param {readonly (readonly [string, string])[]} query
 * @param {AbortSignal} [signal]
 */
export function askUrl(query, signal) {
  return /** @type {Promise<UrlAnswer>} */ (ask("url", query, signal === undefined ? {} : { signal }));
}

/**
 * What the source is and what would be done to it.
 * @param {readonly (readonly [string, string])[]} query
 * @param {RequestSettings} settings
 */
export function askPlan(query, settings) {
  return /** @type {Promise<PlanAnswer>} */ (ask("plan", query, settings));
}

/**
 * An image as it was answered.
 * @typedef {{
 *   blob: Blob, type: string, status: number, headers: readonly (readonly [string, string])[],
 *   milliseconds: number, stages: readonly (readonly [name: string, milliseconds: number])[],
 * }} ImageAnswer
 */

/**
 * Fetches an image by its URL, or has a file made into one. Throws `ServerFault`.
 * @param {{ target: string } | { query: readonly (readonly [string, string])[], file: Blob }} what
 * @param {{ accept?: string, signal?: AbortSignal }} settings
 * @returns {Promise<ImageAnswer>}
 */
export async function fetchImage(what, settings) {
  const since = performance.now();
  const response =
    "target" in what
      ? await request(what.target, settings)
      : await request(own("process", what.query), { ...settings, body: what.file });
  if (!response.ok) throw "target" in what ? await textFault(response) : await jsonFault(response);
  const blob = await response.blob();
  return {
    blob,
    type: response.headers.get("content-type") ?? "",
    status: response.status,
    headers: [...response.headers],
    milliseconds: performance.now() - since,
    stages: readStages(response.headers.get("server-timing") ?? ""),
  };
}

/**
 * The errors of image URLs: in development mode message, hint and meaning, a line each, and a stack behind an empty line.
 * @param {Response} response
 */
async function textFault(response) {
  const [message = "", ...hints] = ((await response.text()).split("\n\n", 1)[0] ?? "").split("\n");
  const said = message.trim() === "" ? response.statusText : message;
  const hint = hints.length > 0 ? hints.join(" ") : "With IMGPROXY_DEVELOPMENT_ERRORS_MODE the server says more.";
  return new ServerFault({ message: `${response.status}: ${said}`, hint, optionIndex: null }, response.status);
}

/**
 * `queue;dur=0.1, download;dur=3.0` as pairs.
 * @param {string} header
 * @returns {readonly (readonly [string, number])[]}
 */
function readStages(header) {
  return [...header.matchAll(/([\w-]+);dur=([\d.]+)/g)].map(([, name = "", ms = "0"]) => [name, Number(ms)]);
}
