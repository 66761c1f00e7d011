import { type LogFormat, lineFormatter } from "./log-line.ts";
import type { Logger, LogLevel } from "./types.ts";

export type LoggerSettings = {
  readonly format: LogFormat;
  /** Lowest level written. */
  readonly level: LogLevel;
  /** Whether `pretty` may use colours. */
  readonly hasColors: boolean;
};

/** Levels in order, for comparing. */
export const LOG_LEVEL_RANKS: Readonly<Record<LogLevel, number>> = {
  debug: 0,
  info: 1,
  warn: 2,
  error: 3,
  critical: 4,
};

/** A logger that gives each line, its line break included, and its level to `write`. */
export function createLogger(
  settings: LoggerSettings,
  write: (line: string, level: LogLevel) => void,
  now = () => new Date(),
): Logger {
  const formatLine = lineFormatter(settings.format, settings.hasColors);
  const lowest = LOG_LEVEL_RANKS[settings.level];
  return {
    wants: (level) => LOG_LEVEL_RANKS[level] >= lowest,
    log(level, message, fields = {}) {
      if (LOG_LEVEL_RANKS[level] >= lowest)
        write(formatLine({ time: now(), level, message, fields: inOrder(fields) }), level);
    },
  };
}

/** Long or rare fields stand at the end of a line, whoever gave them first. */
const LAST_FIELDS = ["error", "error_docs_url", "source", "stack"];

function inOrder(fields: Parameters<Logger["log"]>[2] & object): [string, NonNullable<(typeof fields)[string]>][] {
  const entries = Object.entries(fields).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] satisfies [string, unknown]],
  );
  if (!entries.some(([name]) => LAST_FIELDS.includes(name))) return entries;
  return entries.toSorted(([one], [other]) => LAST_FIELDS.indexOf(one) - LAST_FIELDS.indexOf(other));
}
