import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import type { Config } from "../../config/config.ts";
import type { Logger } from "../types.ts";
import { createLogExporter } from "./exporters.ts";
import { createRecordLogger } from "./record-logger.ts";
import { type ResourceConfig, telemetryResource } from "./resource.ts";
import { type OtlpConfig, otlpSettings } from "./settings.ts";
import { watchExports } from "./watch-exports.ts";

export type LogExportConfig = OtlpConfig &
  ResourceConfig &
  Pick<Config, "openTelemetryLoggerName" | "otelLogLevel" | "logLevel" | "otelBlrpScheduleDelayMs">;

export type LogExportParts = {
  readonly version: string;
  /** Which process of the server this is; undefined = the only one. */
  readonly instance?: string | undefined;
  /** Hears of exports that fail; must not lead back here. */
  readonly logger: Logger;
};

/** A logger whose lines go to the collector as log records. */
export async function startLogExport(config: LogExportConfig, { version, instance, logger }: LogExportParts) {
  const settings = otlpSettings(config, "logs");
  const exporter = watchExports(await createLogExporter(settings), `logs to ${settings.url}`, logger);
  const provider = new LoggerProvider({
    resource: telemetryResource(config, version, instance),
    processors: [new BatchLogRecordProcessor({ exporter, scheduledDelayMillis: config.otelBlrpScheduleDelayMs })],
  });
  const emitter = provider.getLogger(config.openTelemetryLoggerName, version);
  return {
    logger: createRecordLogger(emitter, config.otelLogLevel ?? config.logLevel),
    close: () => provider.shutdown(),
  };
}
