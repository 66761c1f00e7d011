import type { Logger } from "../../telemetry/types.ts";

/** A logger whose lines tell which process of the server they are from: `main`, or its number. */
export function markedLogger(logger: Logger, process: string): Logger {
  return {
    log: (level, message, fields) => logger.log(level, message, { process, ...fields }),
    wants: (level) => logger.wants?.(level) ?? true,
  };
}
