import { AppError } from "../../src/errors.ts";

/** The `AppError` that a promise fails with; anything else is a failed test. */
export async function failureOf(promise: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await promise.then(
    (value) => `it succeeded with ${String(value)}`,
    (error: unknown) => error,
  );
  if (outcome instanceof AppError) return outcome;
  throw new Error(`expected an AppError, got: ${String(outcome)}`);
}
