import { describe, expect, test } from "bun:test";
import { AppError } from "../../src/errors.ts";
import { createWorkQueue } from "../../src/http/work-queue.ts";
import { failureOf } from "../support/failure.ts";

const never = new AbortController().signal;

describe("a work queue", () => {
  test("hands out as many places as there are workers, and then in order of arrival", async () => {
    const queue = createWorkQueue({ workers: 2, queueSize: 0 });
    const [first, second] = [await queue.enter(never), await queue.enter(never)];
    const order: string[] = [];
    const waiting = ["a", "b", "c"].map(async (name) => {
      const place = await queue.enter(never);
      order.push(name);
      return place;
    });
    expect([queue.busy, queue.waiting]).toEqual([2, 3]);
    first.leave();
    second.leave();
    (await waiting[0])?.leave();
    await waiting[2];
    expect(order).toEqual(["a", "b", "c"]);
    expect([queue.busy, queue.waiting]).toEqual([2, 0]);
  });

  test("counts a place once, however often it is left", async () => {
    const queue = createWorkQueue({ workers: 1, queueSize: 0 });
    {
      using place = await queue.enter(never);
      place.leave();
      place.leave();
    }
    expect(queue.busy).toBe(0);
    await queue.enter(never);
    expect(queue.busy).toBe(1);
  });

  test("lets go of one whose signal fires, and of him alone", async () => {
    const queue = createWorkQueue({ workers: 1, queueSize: 2 });
    const place = await queue.enter(never);
    const gone = new AbortController();
    const impatient = failureOf(queue.enter(gone.signal));
    const patient = queue.enter(never);
    gone.abort(new AppError("cancelled", "left"));
    expect((await impatient).kind).toBe("cancelled");
    place.leave();
    (await patient).leave();
    expect([queue.busy, queue.waiting]).toEqual([0, 0]);
  });

  test("takes nobody whose signal has fired already", async () => {
    const queue = createWorkQueue({ workers: 1, queueSize: 0 });
    const error = await failureOf(queue.enter(AbortSignal.abort(new AppError("timeout", "late"))));
    expect([error.kind, queue.busy]).toEqual(["timeout", 0]);
  });

  test("refuses at once beyond its size, and says when to come back", async () => {
    let now = 0;
    const queue = createWorkQueue({ workers: 1, queueSize: 1 }, () => now);
    // Places were held for ten seconds each of late.
    for (let turn = 0; turn < 40; turn++) {
      const place = await queue.enter(never);
      now += 10_000;
      place.leave();
    }
    await queue.enter(never);
    void queue.enter(never);
    const error = await failureOf(queue.enter(never));
    expect([error.kind, error.status, error.retryAfterSeconds]).toEqual(["too_many_requests", 429, 20]);
    expect(error.message).toBe("Too many requests: 1 in work, 1 waiting");
  });

  test.each([
    [0, 1],
    [3_600_000, 60],
  ])("asks for a pause within reason after places of %p ms", async (heldMs, expected) => {
    let now = 0;
    const queue = createWorkQueue({ workers: 1, queueSize: 1 }, () => now);
    const place = await queue.enter(never);
    now += heldMs;
    place.leave();
    await queue.enter(never);
    void queue.enter(never);
    expect((await failureOf(queue.enter(never))).retryAfterSeconds).toBe(expected);
  });
});
