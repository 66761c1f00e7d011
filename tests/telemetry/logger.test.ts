import { describe, expect, test } from "bun:test";
import type { LogFormat } from "../../src/telemetry/log-line.ts";
import { createLogger } from "../../src/telemetry/logger.ts";
import type { LogFields, LogLevel } from "../../src/telemetry/types.ts";

const MOMENT = new Date("2026-11-24T03:06:36.789Z");
const LOCAL = "2026-11-24 03:06:36";
const FIELDS: LogFields = {
  error: "it broke",
  request_id: "o4XYn",
  status: 200,
  client_ip: "127.0.0.1",
  image_url: "http://host/ok.png",
  missing: undefined,
  processing_options: { format: "png", height: 20, nothing: undefined },
};

function linesOf(format: LogFormat, { level = "debug" as LogLevel, hasColors = false } = {}) {
  const lines: string[] = [];
  const utc = new Date(MOMENT.getTime() + MOMENT.getTimezoneOffset() * 60_000);
  const now = format === "json" || format === "gcp" ? MOMENT : utc;
  return {
    lines,
    logger: createLogger(
      { format, level, hasColors },
      (line) => lines.push(line),
      () => now,
    ),
  };
}

function lineOf(format: LogFormat, level: LogLevel, message: string, fields: LogFields = FIELDS): string {
  const { lines, logger } = linesOf(format);
  logger.log(level, message, fields);
  return lines.join("");
}

describe("a log line", () => {
  test.each([
    [
      "pretty",
      `${LOCAL} [INF] Completed in 5ms /x request_id=o4XYn status=200 client_ip=127.0.0.1 image_url="http://host/ok.png" processing_options={ format=png height=20 } error="it broke"\n`,
    ],
    [
      "structured",
      `time="${LOCAL}" level="INFO" msg="Completed in 5ms /x" request_id="o4XYn" status=200 client_ip="127.0.0.1" image_url="http://host/ok.png" processing_options.format="png" processing_options.height=20 error="it broke"\n`,
    ],
    [
      "json",
      '{"time":"2026-11-24T03:06:36Z","level":"INFO","msg":"Completed in 5ms /x","request_id":"o4XYn","status":200,"client_ip":"127.0.0.1","image_url":"http://host/ok.png","processing_options":{"format":"png","height":20},"error":"it broke"}\n',
    ],
    [
      "gcp",
      '{"time":"2026-11-24T03:06:36Z","severity":"INFO","message":"Completed in 5ms /x","request_id":"o4XYn","status":200,"client_ip":"127.0.0.1","image_url":"http://host/ok.png","processing_options":{"format":"png","height":20},"error":"it broke"}\n',
    ],
  ] as const)("in %s form", (format, expected) => {
    expect(lineOf(format, "info", "Completed in 5ms /x")).toBe(expected);
  });

  test.each([
    ["debug", "DBG", "DEBUG"],
    ["info", "INF", "INFO"],
    ["warn", "WRN", "WARNING"],
    ["error", "ERR", "ERROR"],
    ["critical", "CRT", "CRITICAL"],
  ] as const)("names the level %s as the reference does", (level, tag, name) => {
    expect(lineOf("pretty", level, "m", {})).toBe(`${LOCAL} [${tag}] m\n`);
    expect(lineOf("structured", level, "m", {})).toBe(`time="${LOCAL}" level="${name}" msg="m"\n`);
  });

  test("has its stack on lines of its own when it is for people, else in a field", () => {
    const fields = { stack: "Error: x\n    at y" };
    expect(lineOf("pretty", "error", "m", fields)).toBe(`${LOCAL} [ERR] m\nError: x\n    at y\n`);
    expect(lineOf("structured", "error", "m", fields)).toContain('stack="Error: x\\n    at y"');
  });

  test.each(["pretty", "structured", "json", "gcp"] as const)("cannot be forged in %s form", (format) => {
    const line = lineOf(format, "info", "GET /a\nlevel=CRITICAL", { client_ip: "1\n2", image_url: 'a"b' });
    expect(line.trimEnd()).not.toContain("\n");
  });

  test("is coloured only when told so", () => {
    const { lines, logger } = linesOf("pretty", { hasColors: true });
    logger.log("error", "m", { a: 1 });
    expect(lines[0]).toContain("\u001b[31m");
    expect(lineOf("pretty", "error", "m", { a: 1 })).not.toContain("\u001b");
  });
});

test.each([
  ["debug", ["debug", "info", "warn", "error", "critical"]],
  ["warn", ["warn", "error", "critical"]],
  ["error", ["error", "critical"]],
] as const)("from the level %s on, %p are written", (level, expected) => {
  const { lines, logger } = linesOf("json", { level });
  for (const each of ["debug", "info", "warn", "error", "critical"] as const) logger.log(each, each);
  expect(lines.map((line) => JSON.parse(line).msg)).toEqual([...expected]);
});
