import { hostname } from "node:os";
import type { Config } from "../../config/config.ts";
import type { LogFormat } from "../log-line.ts";
import { createLogger } from "../logger.ts";
import type { Logger } from "../types.ts";
import { type DatagramSockets, openSyslog, type SyslogParts } from "./connection.ts";
import { localSyslogLine, remoteSyslogLine } from "./syslog-line.ts";

export type SyslogConfig = Pick<Config, "syslogNetwork" | "syslogAddress" | "syslogTag" | "syslogLevel" | "logLevel">;

export type SyslogLoggerParts = Pick<SyslogParts, "localPaths"> & {
  readonly datagrams: DatagramSockets | undefined;
  /** That of the log on the standard output. */
  readonly format: LogFormat;
  /** Hears of lines that are lost; must not lead back here. */
  readonly logger: Logger;
};

/** A logger whose lines go to syslog. Throws `AppError("config")` when syslog cannot be reached. */
export async function openSyslogLogger(config: SyslogConfig, parts: SyslogLoggerParts) {
  let hasTrouble = false;
  const onTrouble = (error: Error) => {
    if (!hasTrouble)
      parts.logger.log("warn", "Lines for syslog are lost, which is said only once", { error: error.message });
    hasTrouble = true;
  };
  const address = { network: config.syslogNetwork, address: config.syslogAddress };
  const connection = await openSyslog(address, { ...parts, onTrouble });
  const host = hostname();
  const level = config.syslogLevel === "crit" ? "critical" : (config.syslogLevel ?? config.logLevel);
  const logger = createLogger({ format: parts.format, level, hasColors: false }, (text, at) => {
    const entry = { level: at, time: new Date(), tag: config.syslogTag, pid: process.pid, text };
    connection.send(connection.isLocal ? localSyslogLine(entry) : remoteSyslogLine(entry, host));
  });
  return { logger, close: () => connection.close() };
}
