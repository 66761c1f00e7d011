import { type Config, loadConfig } from "../../src/config/config.ts";
import type { Variables } from "../../src/config/environment.ts";
import { AppError } from "../../src/errors.ts";

export function configOf(variables: Variables): Config {
  return loadConfig(variables).config;
}

export function warningsOf(variables: Variables): readonly string[] {
  return loadConfig(variables).warnings;
}

/** The lines of the error that a bad environment gives; fails when it gives none. */
export function errorLines(variables: Variables): string[] {
  try {
    loadConfig(variables);
  } catch (error) {
    if (error instanceof AppError && error.kind === "config") return error.message.split("\n");
    throw error;
  }
  throw new Error(`${JSON.stringify(variables)} was accepted`);
}
