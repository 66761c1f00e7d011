import type { Config } from "../../config/config.ts";
import type { LogFormat } from "../../telemetry/log-line.ts";
import { createLogger } from "../../telemetry/logger.ts";
import type { Logger, LogLevel } from "../../telemetry/types.ts";

export type LogDestination = {
  readonly write: (line: string, level: LogLevel) => void;
  /** Whether a person reads it, in colours. */
  readonly isTerminal: boolean;
};

/** What writes the server's log, in the form that is set or that suits who reads it. */
export function createServerLogger(
  config: Config,
  { write, isTerminal }: LogDestination,
): { readonly logger: Logger; readonly logFormat: LogFormat } {
  const format = config.logFormat ?? (isTerminal ? "pretty" : "structured");
  const hasColors = isTerminal && format === "pretty";
  return { logger: createLogger({ format, level: config.logLevel, hasColors }, write), logFormat: format };
}
