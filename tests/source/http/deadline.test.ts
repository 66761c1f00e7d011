import { expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { startDeadline } from "../../../src/source/http/deadline.ts";

const never = new AbortController().signal;

test("a deadline ends with a timeout that names its setting", async () => {
  const deadline = startDeadline(0.01, never);
  const error = await new Promise<AppError>((resolve) => deadline.onEnd(resolve));
  expect(error.kind).toBe("source_timeout");
  expect(error.message).toContain("IMGPROXY_DOWNLOAD_TIMEOUT");
  expect(deadline.error).toBe(error);
});

test("a released deadline never ends", async () => {
  const abort = new AbortController();
  const deadline = startDeadline(0.01, abort.signal);
  deadline.onEnd(() => {
    throw new Error("it ended");
  });
  deadline.release();
  abort.abort();
  await Bun.sleep(30);
  expect(deadline.error).toBeUndefined();
});

test("a signal that is aborted ends it with its own reason, at once for whoever comes later", () => {
  const reason = new AppError("timeout", "time is up");
  const deadline = startDeadline(1, AbortSignal.abort(reason));
  let ended: AppError | undefined;
  deadline.onEnd((error) => {
    ended = error;
  });
  expect(ended).toBe(reason);
});

test("only the first end counts, and only the latest callback hears of it", async () => {
  const abort = new AbortController();
  const deadline = startDeadline(0.02, abort.signal);
  const heard: string[] = [];
  deadline.onEnd(() => heard.push("first"));
  deadline.onEnd(() => heard.push("second"));
  abort.abort();
  await Bun.sleep(40);
  expect(heard).toEqual(["second"]);
  expect(deadline.error?.kind).toBe("cancelled");
});
