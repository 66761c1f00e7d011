import { expect, test } from "bun:test";
import { EXECUTABLE } from "../support/executable.ts";

/** More than a pipe holds. */
const LONG = ["version", "--licenses"];

function shell(line: string): { status: number; out: string; err: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(["bash", "-o", "pipefail", "-c", line], {
    env: { PATH: "/usr/bin:/bin" },
  });
  return { status: exitCode, out: stdout.toString().trim(), err: stderr.toString() };
}

test("long output arrives whole, however slowly it is read", async () => {
  const file = await Bun.file(`${EXECUTABLE}.licenses.txt`).bytes();
  expect(shell(`'${EXECUTABLE}' ${LONG.join(" ")} | (sleep 0.3; wc -c)`)).toEqual({
    status: 0,
    out: String(file.length),
    err: "",
  });
});

test("a reader that has had enough ends it quietly", () => {
  const { out, err } = shell(`'${EXECUTABLE}' ${LONG.join(" ")} | head -c 8`);
  expect({ out, err }).toEqual({ out: "Software", err: "" });
});

test("messages arrive though nobody reads the output", () => {
  expect(shell(`'${EXECUTABLE}' nonsense 2>&1 >/dev/full`)).toMatchObject({
    status: 1,
    out: expect.stringContaining('unknown command "nonsense"'),
  });
});
