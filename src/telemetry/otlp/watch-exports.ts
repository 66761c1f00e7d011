import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { Logger } from "../types.ts";

/** What spans, metrics and log records go out through. */
type Exporter<Items> = { export(items: Items, done: (result: ExportResult) => void): void };

/**
 * Says in the log when exports begin to fail and when they work again: the SDK keeps that to itself. `logger` must not end
 * in the exporter that is watched. Returns the exporter.
 */
export function watchExports<Items, E extends Exporter<Items>>(exporter: E, what: string, logger: Logger): E {
  const send = exporter.export.bind(exporter);
  let isFailing = false;
  exporter.export = (items, done) =>
    send(items, (result) => {
      const hasFailed = result.code !== ExportResultCode.SUCCESS;
      if (hasFailed && !isFailing) {
        logger.log("warn", `Cannot send ${what}; further failures are not logged`, {
          error: result.error?.message ?? "no reason given",
        });
      } else if (isFailing && !hasFailed) logger.log("info", `Sending ${what} works again`);
      isFailing = hasFailed;
      done(result);
    });
  return exporter;
}
