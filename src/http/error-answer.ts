import { type AppError, ERROR_KINDS } from "../errors.ts";
import type { Answer, HeaderList } from "./answer.ts";
import { renderErrorPage } from "./error-page.ts";

export type ErrorFacts = {
  readonly error: AppError;
  readonly target: string;
  readonly requestId: string;
  readonly accept: string;
};

/** Turns an error into an answer. */
export type ErrorAnswerer = (facts: ErrorFacts) => Answer;

/**
 * In production a client reads the public sentence of the kind and nothing else. In development mode it reads everything:
 * an HTML page where it accepts one, else text. Errors carry no Cache-Control, so that nobody keeps them.
 */
export function compileErrorAnswers(isDevelopment: boolean, version: string): ErrorAnswerer {
  return (facts) => {
    const { error } = facts;
    const retry: HeaderList =
      error.retryAfterSeconds === undefined ? [] : [["Retry-After", String(error.retryAfterSeconds)]];
    const answer = (type: string, body: string): Answer => ({
      status: error.status,
      headers: [["Content-Type", type], ...retry],
      body,
    });
    if (!isDevelopment) return answer("text/plain", error.publicMessage);
    if (facts.accept.includes("text/html")) {
      return answer("text/html; charset=utf-8", renderErrorPage({ ...facts, version }));
    }
    return answer("text/plain; charset=utf-8", developmentText(error));
  };
}

function developmentText(error: AppError): string {
  const hint = error.hint === undefined ? "" : `\n${error.hint}`;
  return `${error.message}${hint}\n${ERROR_KINDS[error.kind].doc}\n\n${errorStack(error)}\n`;
}

/** The stacks of an error and of everything that caused it. */
export function errorStack(error: unknown): string {
  const stacks: string[] = [];
  // A chain that leads back to itself must not hold us up.
  for (let at = error, depth = 0; at instanceof Error && depth < 10; at = at.cause, depth++) {
    stacks.push(at.stack ?? `${at.name}: ${at.message}`);
  }
  return stacks.join("\ncaused by ");
}
