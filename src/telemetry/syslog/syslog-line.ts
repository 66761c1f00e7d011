import type { LogLevel } from "../types.ts";

/** Severities of RFC 3164, with the reference's choice for what is critical. Its facility is 0. */
const PRIORITIES: Readonly<Record<LogLevel, number>> = { debug: 7, info: 6, warn: 4, error: 3, critical: 3 };

const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

export type SyslogEntry = {
  readonly level: LogLevel;
  readonly time: Date;
  readonly tag: string;
  readonly pid: number;
  /** With its line break. */
  readonly text: string;
};

/** A line for a syslog on this machine, as Go's log/syslog writes it, and with it the reference. */
export function localSyslogLine({ level, time, tag, pid, text }: SyslogEntry): string {
  const day = String(time.getDate()).padStart(2, " ");
  return `<${PRIORITIES[level]}>${MONTHS[time.getMonth()]} ${day} ${clock(time)} ${tag}[${pid}]: ${text}`;
}

/** The same for one elsewhere, which must be told the machine. */
export function remoteSyslogLine({ level, time, tag, pid, text }: SyslogEntry, host: string): string {
  return `<${PRIORITIES[level]}>${rfc3339(time)} ${host} ${tag}[${pid}]: ${text}`;
}

function rfc3339(time: Date): string {
  const date = `${time.getFullYear()}-${two(time.getMonth() + 1)}-${two(time.getDate())}`;
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${two(Math.trunc(Math.abs(offset) / 60))}:${two(Math.abs(offset) % 60)}`;
  return `${date}T${clock(time)}${offset === 0 ? "Z" : zone}`;
}

function clock(time: Date): string {
  return `${two(time.getHours())}:${two(time.getMinutes())}:${two(time.getSeconds())}`;
}

function two(value: number): string {
  return String(value).padStart(2, "0");
}
