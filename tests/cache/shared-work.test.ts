import { describe, expect, test } from "bun:test";
import { SharedWork } from "../../src/cache/shared-work.ts";
import { AppError } from "../../src/errors.ts";

const never = new AbortController().signal;

/** Work that ends when the test says so, with a record of how often it was begun and what it heard. */
function work() {
  const begun: { readonly signal: AbortSignal; readonly end: PromiseWithResolvers<string> }[] = [];
  const run = (signal: AbortSignal) => {
    const end = Promise.withResolvers<string>();
    begun.push({ signal, end });
    return end.promise;
  };
  return { begun, run };
}

const settle = () => new Promise((resolve) => setImmediate(resolve));
const outcomeOf = (promise: Promise<{ readonly value: string; readonly wasShared: boolean }>) =>
  promise.then(
    ({ value, wasShared }) => `${value}${wasShared ? ", shared" : ""}`,
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  );

describe("work that several ask for", () => {
  test("is done once while it lasts, and again afterwards", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const asked = Array.from({ length: 500 }, () => outcomeOf(shared.run("a", never, run)));
    await settle();
    expect(begun).toHaveLength(1);
    begun[0]?.end.resolve("done");
    const outcomes = await Promise.all(asked);
    expect(outcomes.filter((outcome) => outcome === "done")).toHaveLength(1);
    expect(outcomes.filter((outcome) => outcome === "done, shared")).toHaveLength(499);
    const again = outcomeOf(shared.run("a", never, run));
    await settle();
    begun[1]?.end.resolve("done again");
    expect(await again).toBe("done again");
    expect(shared.size).toBe(0);
  });

  test("is one for each name", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const outcomes = ["a", "b"].map((name) => outcomeOf(shared.run(name, never, run)));
    await settle();
    for (const [index, { end }] of begun.entries()) end.resolve(`done ${index}`);
    expect(await Promise.all(outcomes)).toEqual(["done 0", "done 1"]);
  });

  test("fails for all of them, and is begun anew by the next", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const outcomes = [1, 2, 3].map(() => outcomeOf(shared.run("a", never, run)));
    await settle();
    begun[0]?.end.reject(new AppError("source_unreachable", "no such thing"));
    expect(await Promise.all(outcomes)).toEqual(["no such thing", "no such thing", "no such thing"]);
    const next = outcomeOf(shared.run("a", never, run));
    await settle();
    begun[1]?.end.resolve("there now");
    expect(await next).toBe("there now");
  });

  test("that throws before it waits fails as any other", async () => {
    const shared = new SharedWork<string>(60_000);
    const throwing = () => {
      throw new AppError("invalid_image", "at once");
    };
    expect(await outcomeOf(shared.run("a", never, throwing))).toBe("at once");
    expect(shared.size).toBe(0);
  });
});

describe("somebody who leaves", () => {
  const leave = (reason: string) => AbortSignal.abort(new Error(reason));
  const client = () => new AbortController();

  test("does not end what others wait for, be it the first one", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const [first, second] = [client(), client()];
    const outcomes = [first, second].map(({ signal }) => outcomeOf(shared.run("a", signal, run)));
    await settle();
    first.abort(new Error("left"));
    expect(await outcomes[0]).toBe("left");
    expect(begun[0]?.signal.aborted).toBe(false);
    begun[0]?.end.resolve("done");
    expect(await outcomes[1]).toBe("done, shared");
    expect(begun).toHaveLength(1);
  });

  test("ends it when nobody else waits, at once and for good", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const [first, second] = [client(), client()];
    const outcomes = [first, second].map(({ signal }) => outcomeOf(shared.run("a", signal, run)));
    await settle();
    first.abort(new Error("left"));
    second.abort(new Error("left last"));
    expect(await Promise.all(outcomes)).toEqual(["left", "left last"]);
    expect(begun[0]?.signal.reason).toEqual(new Error("left last"));
    expect(shared.size).toBe(0);
  });

  test("leaves nothing behind that a later one could join", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const first = client();
    const gone = outcomeOf(shared.run("a", first.signal, run));
    await settle();
    first.abort(new Error("left"));
    await gone;
    const later = outcomeOf(shared.run("a", never, run));
    await settle();
    // The abandoned work ends late and must not disturb the new one.
    begun[0]?.end.resolve("too late");
    await settle();
    expect(shared.size).toBe(1);
    begun[1]?.end.resolve("in time");
    expect(await later).toBe("in time");
  });

  test("before asking begins nothing", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    expect(await outcomeOf(shared.run("a", leave("already gone"), run))).toBe("already gone");
    await settle();
    expect(begun).toHaveLength(0);
  });

  test("after the work is done changes nothing", async () => {
    const shared = new SharedWork<string>(60_000);
    const { begun, run } = work();
    const one = client();
    const outcome = outcomeOf(shared.run("a", one.signal, run));
    await settle();
    begun[0]?.end.resolve("done");
    expect(await outcome).toBe("done");
    one.abort(new Error("left"));
    expect(begun[0]?.signal.aborted).toBe(false);
  });
});

describe("the time of shared work", () => {
  test("when it is over, those who came later begin anew on their own time", async () => {
    const shared = new SharedWork<string>(80);
    const { begun, run } = work();
    const first = outcomeOf(shared.run("a", never, run));
    const later = outcomeOf(shared.run("a", never, run));
    expect(await first).toBe("Work for several requests was timed out after 0.08s");
    await settle();
    expect(begun[0]?.signal.reason).toBeInstanceOf(AppError);
    expect(begun).toHaveLength(2);
    begun[1]?.end.resolve("second try");
    expect(await later).toBe("second try");
  });

  test("does not run for one who waits alone: his own does", async () => {
    const shared = new SharedWork<string>(20);
    const { begun, run } = work();
    const outcome = outcomeOf(shared.run("a", never, run));
    await Bun.sleep(50);
    begun[0]?.end.resolve("done");
    expect(await outcome).toBe("done");
  });

  test("counts from its begin for those who come later", async () => {
    const shared = new SharedWork<string>(60);
    const { begun, run } = work();
    const first = outcomeOf(shared.run("a", never, run));
    await Bun.sleep(100);
    const second = outcomeOf(shared.run("a", never, run));
    expect(await first).toContain("timed out");
    await settle();
    begun[1]?.end.resolve("second try");
    expect(await second).toBe("second try");
  });

  test("does not hold anybody longer than his own", async () => {
    const shared = new SharedWork<string>(60_000);
    const { run } = work();
    expect(await outcomeOf(shared.run("a", AbortSignal.timeout(30), run))).toContain("timed out");
    expect(shared.size).toBe(0);
  });
});
