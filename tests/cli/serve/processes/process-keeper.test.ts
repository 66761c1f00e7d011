import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Order } from "../../../../src/cli/serve/processes/messages.ts";
import { ProcessKeeper } from "../../../../src/cli/serve/processes/process-keeper.ts";
import { ServerProcess } from "../../../../src/cli/serve/processes/server-process.ts";
import type { AppError } from "../../../../src/errors.ts";
import type { Logger } from "../../../../src/telemetry/types.ts";

const folder = mkdtempSync(join(tmpdir(), "process-keeper-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** A process that answers orders, and does with the number of its start what the test has in mind. */
function program(name: string, onStart: string): readonly [string, string] {
  const file = join(folder, `${name}.ts`);
  writeFileSync(
    file,
    `
    import { appendFileSync, readFileSync } from "node:fs";
    appendFileSync(${JSON.stringify(`${file}.starts`)}, "x");
    const start = readFileSync(${JSON.stringify(`${file}.starts`)}, "utf8").length;
    let asked = 0;
    const counted = () => [{ name: "asked_total", help: "", type: "counter", points: [{ labels: {}, value: asked }] }];
    const reply = (id, answer) => process.send({ id, answer });
    process.on("message", ({ id, order }) => {
      asked++;
      if (order.kind === "start") { ${onStart} }
      else if (order.kind === "stop") process.send({ id, answer: counted() }, undefined, undefined, () => process.exit());
      else reply(id, order.kind === "metrics" ? counted() : true);
    });`,
  );
  return [process.execPath, file];
}

function keep(command: readonly [string, string], pulseMs = 5000) {
  const told = { changes: 0, restarts: 0, lines: [] as string[] };
  const givenUp = Promise.withResolvers<AppError>();
  const logger: Logger = { log: (level, message) => void told.lines.push(`${level} ${message}`) };
  const order: Extract<Order, { kind: "start" }> = {
    kind: "start",
    environment: { variables: {}, file: null },
    share: { index: 1, processes: 2, bind: "127.0.0.1:1", isTerminal: false },
  };
  const launched: ServerProcess[] = [];
  const keeper = new ProcessKeeper({
    index: 1,
    launch: () => {
      const terminal = { out: () => undefined, err: () => undefined };
      const launching = new ServerProcess({ command, environment: {}, terminal });
      launched.push(launching);
      return launching;
    },
    startOrder: () => order,
    logger,
    onChange: () => told.changes++,
    onRestart: () => told.restarts++,
    onGivenUp: givenUp.resolve,
    pulseMs,
    pace: { delayAfter: ({ hasServed }) => (hasServed || launched.length < 4 ? 5 : undefined) },
  });
  return {
    keeper,
    told,
    launched,
    givenUp: givenUp.promise,
    [Symbol.asyncDispose]: () => keeper.stop(1000).then(() => undefined),
  };
}

const countOf = (metrics: Awaited<ReturnType<ProcessKeeper["metrics"]>>) =>
  metrics.flat().reduce((sum, metric) => sum + (metric.type === "counter" ? (metric.points[0]?.value ?? 0) : 0), 0);

async function until(isTrue: () => boolean): Promise<void> {
  for (let waited = 0; !isTrue() && waited < 4000; waited += 10) await Bun.sleep(10);
  expect(isTrue()).toBe(true);
}

const SERVES = `reply(id, { url: "http://it" });`;

describe("a process is kept", () => {
  test("which says where it serves, and ends when it is told to", async () => {
    await using kept = keep(program("serves", SERVES));
    expect(await kept.keeper.start()).toBe("http://it");
    expect(kept.keeper.isServing).toBe(true);
    expect(await kept.keeper.stop(3000)).toBe(true);
    expect(kept.keeper.isServing).toBe(false);
    expect(kept.told).toMatchObject({ changes: 2, restarts: 0, lines: [] });
  });

  test("which is started anew when it dies, and what it had counted stays", async () => {
    await using kept = keep(program("dies", SERVES));
    await kept.keeper.start();
    expect(countOf(await kept.keeper.metrics())).toBe(2);
    kept.launched[0]?.kill();
    await until(() => kept.told.restarts === 1);
    expect(kept.told.lines).toEqual(["error Process 1 ended and is started anew", "info Process 1 serves again"]);
    expect(countOf(await kept.keeper.metrics())).toBe(4);
    await kept.keeper.stop(3000);
    expect(countOf(await kept.keeper.metrics())).toBe(5);
  });

  test("but not one that fails at its first start, whose error is told", async () => {
    const failure = { kind: "config", message: "it is wrong", hint: "Mend it." };
    await using kept = keep(program("fails", `process.send({ id, failure: ${JSON.stringify(failure)} });`));
    await expect(kept.keeper.start()).rejects.toMatchObject(failure);
    expect(kept.launched).toHaveLength(1);
    expect(kept.keeper.isServing).toBe(false);
  });

  test("but not one that dies before it has answered", async () => {
    await using kept = keep(program("dies-early", "process.exit(7);"));
    await expect(kept.keeper.start()).rejects.toThrow("exit status 7");
  });

  test("but not one that does not exist", async () => {
    await using kept = keep(["/no/such/program", "x"]);
    await expect(kept.keeper.start()).rejects.toThrow("cannot be started");
  });

  test("until it has failed to start too often", async () => {
    const [runtime, file] = program("fails-later", `if (start === 1) ${SERVES} else process.exit(3);`);
    await using kept = keep([runtime, file]);
    await kept.keeper.start();
    kept.launched[0]?.kill();
    expect((await kept.givenUp).message).toContain("exit status 3");
    expect(readFileSync(`${file}.starts`, "utf8")).toHaveLength(4);
    expect(kept.told.lines.filter((line) => line === "error Process 1 cannot be started")).toHaveLength(3);
    expect(await kept.keeper.stop(1000)).toBe(true);
  });

  test("and ended where it does not stop in time", async () => {
    await using kept = keep(program("hangs", `${SERVES} process.on("message", () => { while (true); });`));
    await kept.keeper.start();
    const startedAt = performance.now();
    expect(await kept.keeper.stop(100)).toBe(false);
    expect(performance.now() - startedAt).toBeLessThan(2000);
  });

  test("and ended and started anew where it hangs", async () => {
    const hangs = `${SERVES} if (start === 1) setTimeout(() => { while (true); }, 100);`;
    await using kept = keep(program("hangs-later", hangs), 150);
    await kept.keeper.start();
    await until(() => kept.told.restarts === 1);
    expect(kept.told.lines.slice(0, 2)).toEqual([
      "error Process 1 hangs and is ended",
      "error Process 1 ended and is started anew",
    ]);
    await Bun.sleep(300);
    expect(kept.told.restarts).toBe(1);
  });

  test("and asked whether it answers, one question at a time", async () => {
    await using kept = keep(program("answers", SERVES));
    await kept.keeper.ping();
    await kept.keeper.start();
    const [one, two] = [kept.keeper.ping(), kept.keeper.ping()];
    expect(one).toBe(two);
    await one;
    expect(kept.keeper.ping()).not.toBe(one);
  });
});
