import type { Logger } from "./types.ts";

/** A logger that says everything to several others, each of which has a lowest level of its own. */
export function teeLogger(loggers: readonly Logger[]): Logger {
  return {
    wants: (level) => loggers.some((logger) => logger.wants?.(level) ?? true),
    log(level, message, fields) {
      for (const logger of loggers) logger.log(level, message, fields);
    },
  };
}
