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
      if (LOG_LEVEL_RANKS[level] >= lowest) write(formatLine({ time: now(), level, message, fields }), level);
    },
  };
}
