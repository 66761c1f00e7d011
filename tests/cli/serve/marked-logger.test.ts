import { expect, test } from "bun:test";
import { markedLogger } from "../../../src/cli/serve/marked-logger.ts";
import { createLogger } from "../../../src/telemetry/logger.ts";
import { silentLogger } from "../../../src/telemetry/types.ts";

test("lines tell which process they are from, before all else that they tell", () => {
  const lines: string[] = [];
  const plain = createLogger(
    { format: "structured", level: "info", hasColors: false },
    (line) => void lines.push(line),
  );
  const logger = markedLogger(plain, "2");
  logger.log("info", "Started");
  logger.log("error", "Failed", { status: 500, error: "x" });
  logger.log("debug", "Not wanted");
  expect(lines.map((line) => line.slice(line.indexOf("msg=")))).toEqual([
    'msg="Started" process="2"\n',
    'msg="Failed" process="2" status=500 error="x"\n',
  ]);
});

test("lines are made only where somebody wants them", () => {
  const plain = createLogger({ format: "json", level: "warn", hasColors: false }, () => undefined);
  expect(markedLogger(plain, "1").wants?.("info")).toBe(false);
  expect(markedLogger(plain, "1").wants?.("warn")).toBe(true);
  expect(markedLogger(silentLogger, "1").wants?.("debug")).toBe(true);
});
