import { describe, expect, test } from "bun:test";
import { OPTIONS } from "../../src/options/table/option-table.ts";

const compounds = OPTIONS.filter((row) => row.partOf !== undefined).map((row) => [row.name, row] as const);

describe("what a form learns of the options", () => {
  test("is plain data", () => {
    for (const { arguments: args, tail } of OPTIONS) {
      const controls = [...args.map((argument) => argument.control), tail?.control ?? null];
      expect(JSON.parse(JSON.stringify(controls))).toEqual(controls);
    }
  });

  test.each(compounds)("%s is edited where its compound option has the same arguments", (_, row) => {
    const whole = OPTIONS.find(({ name }) => name === row.partOf?.option);
    const from = row.partOf?.from ?? Number.NaN;
    expect(whole?.partOf).toBeUndefined();
    expect(row.arguments.map(({ control }) => control)).toEqual(
      (whole?.arguments ?? []).slice(from, from + row.arguments.length).map(({ control }) => control),
    );
    // A tail comes last, so both have it at the same place or only the whole has it.
    const tails = [row, whole].map((one) => one?.tail?.control);
    if (row.tail !== undefined) expect(tails[0]).toEqual(tails[1]);
  });

  test("has sliders only within what is allowed", () => {
    for (const { control } of OPTIONS.flatMap((row) => row.arguments)) {
      if (control.kind !== "number" || control.usual === null) continue;
      const [from, to] = control.usual;
      expect(from).toBeLessThan(to);
      expect(from).toBeGreaterThanOrEqual(control.min ?? Number.NEGATIVE_INFINITY);
      expect(to).toBeLessThanOrEqual(control.max ?? Number.POSITIVE_INFINITY);
    }
  });
});
