import { type AppError, toAppError } from "../../errors.ts";
import type { Answer, HeaderList } from "../answer.ts";
import type { FaultAnswer } from "./api.ts";
import { faultOf } from "./url-reader.ts";

/** On everything the playground answers: for this page and this moment only. */
export const PRIVATE_HEADERS: HeaderList = [
  ["Cache-Control", "no-store"],
  ["X-Content-Type-Options", "nosniff"],
  ["Cross-Origin-Resource-Policy", "same-origin"],
  ["Referrer-Policy", "no-referrer"],
];

/** A value for the page's scripts. */
export function jsonAnswer(value: unknown, status = 200): Answer {
  return { status, headers: [["Content-Type", "application/json"], ...PRIVATE_HEADERS], body: JSON.stringify(value) };
}

/** An error for the page's scripts. */
export function jsonFault(thrown: unknown): { readonly error: AppError; readonly answer: Answer } {
  const error = toAppError(thrown);
  return { error, answer: jsonAnswer({ fault: faultOf(error) } satisfies FaultAnswer, error.status) };
}

/** What stands behind the `?` of a request target. */
export function queryOf(target: string): URLSearchParams {
  const mark = target.indexOf("?");
  return new URLSearchParams(mark < 0 ? "" : target.slice(mark + 1));
}
