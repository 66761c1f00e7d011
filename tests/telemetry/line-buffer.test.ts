import { afterEach, beforeEach, describe, expect, jest, test } from "bun:test";
import { createLineBuffer } from "../../src/telemetry/line-buffer.ts";

function watched() {
  const writes: string[] = [];
  const lines = createLineBuffer((text) => writes.push(text));
  lines.gather();
  return { writes, lines };
}

describe("lines of a log", () => {
  beforeEach(() => void jest.useFakeTimers());
  afterEach(() => void jest.useRealTimers());

  test("are written at once when they come alone", () => {
    const { writes, lines } = watched();
    lines.add("one\n", "info");
    expect(writes).toEqual(["one\n"]);
    jest.advanceTimersByTime(10);
    lines.add("two\n", "info");
    expect(writes).toEqual(["one\n", "two\n"]);
  });

  test("wait for each other for 10 ms when they follow a write, and keep their order", () => {
    const { writes, lines } = watched();
    for (const line of ["1\n", "2\n", "3\n"]) lines.add(line, "info");
    jest.advanceTimersByTime(9);
    expect(writes).toEqual(["1\n"]);
    jest.advanceTimersByTime(1);
    expect(writes).toEqual(["1\n", "2\n3\n"]);
  });

  test("go on being gathered as long as they keep coming", () => {
    const { writes, lines } = watched();
    lines.add("0\n", "info");
    for (let round = 1; round <= 3; round++) {
      lines.add(`${round}a\n`, "info");
      lines.add(`${round}b\n`, "info");
      jest.advanceTimersByTime(10);
    }
    expect(writes).toEqual(["0\n", "1a\n1b\n", "2a\n2b\n", "3a\n3b\n"]);
  });

  test.each(["debug", "warn", "error", "critical"] as const)(
    "of level %s go out at once and take with them what waits",
    (level) => {
      const { writes, lines } = watched();
      lines.add("1\n", "info");
      lines.add("2\n", "info");
      lines.add("3\n", level);
      expect(writes.join("")).toBe("1\n2\n3\n");
    },
  );

  test("are never written in pieces above 4096 bytes unless one line is longer", () => {
    const { writes, lines } = watched();
    const line = `${"é".repeat(500)}\n`;
    for (let count = 0; count < 20; count++) lines.add(line, "info");
    lines.add(`${"x".repeat(5000)}\n`, "info");
    lines.add(line, "info");
    lines.release();
    expect(writes.join("")).toBe(`${line.repeat(20)}${"x".repeat(5000)}\n${line}`);
    const lengths = writes.map((text) => Buffer.byteLength(text));
    expect(lengths.filter((length) => length > 4096)).toEqual([5001]);
    expect(Math.max(...lengths.filter((length) => length <= 4096))).toBeGreaterThan(3000);
    expect(writes.every((text) => text.endsWith("\n"))).toBe(true);
  });

  test("are all out after a release, and wait no longer", () => {
    const { writes, lines } = watched();
    lines.add("1\n", "info");
    lines.add("2\n", "info");
    lines.release();
    expect(writes).toEqual(["1\n", "2\n"]);
    lines.add("3\n", "info");
    lines.add("4\n", "info");
    expect(writes).toEqual(["1\n", "2\n", "3\n", "4\n"]);
  });

  test("do not wait before they are to be gathered", () => {
    const writes: string[] = [];
    const lines = createLineBuffer((text) => writes.push(text));
    lines.add("1\n", "info");
    lines.add("2\n", "info");
    expect(writes).toEqual(["1\n", "2\n"]);
  });
});
