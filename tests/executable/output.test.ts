import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { EXECUTABLE, startServer } from "../support/executable.ts";

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

test("a server that is stopped in a burst of requests has written the line of each, whole and after the one before", async () => {
  const folder = mkdtempSync(join(tmpdir(), "imgproxy-lines-"));
  try {
    const picture = await sharp({ create: { width: 8, height: 8, channels: 3, background: "red" } })
      .png()
      .toBuffer();
    writeFileSync(join(folder, "red.png"), picture);
    await using server = await startServer({
      env: { IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder, IMGPROXY_LOG_FORMAT: "json" },
    });
    const ids = Array.from({ length: 120 }, (_, index) => `r${index}`);
    const answers = ids.map((id) =>
      fetch(`${server.url}/unsafe/cb:${id}/plain/local:///red.png`, { headers: { "X-Request-ID": id } }),
    );
    const statuses = (await Promise.all(answers)).map(({ status }) => status);
    expect(new Set(statuses)).toEqual(new Set([200]));
    await server.stop();
    const lines = server.log().trimEnd().split("\n");
    const told = lines.map((line): { msg: string; request_id?: string; time: string } => JSON.parse(line));
    expect(told.flatMap(({ request_id }) => request_id ?? []).toSorted()).toEqual(ids.toSorted());
    expect(told.at(-1)?.msg).toBe("Shutting down the server...");
    const times = told.map(({ time }) => time);
    expect(times).toEqual(times.toSorted());
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
