import { describe, expect, test } from "bun:test";
import { parseErrorDocument } from "../../../src/source/s3/answer/error-document.ts";
import { pauseBefore, retryReason } from "../../../src/source/s3/answer/retry.ts";

describe("retryReason", () => {
  test.each<[number, string, string | undefined]>([
    [500, "InternalError", "500"],
    [502, "", "502"],
    [503, "ServiceUnavailable", "503"],
    [503, "SlowDown", "SlowDown"],
    [504, "", "504"],
    [400, "RequestTimeout", "RequestTimeout"],
    [400, "ThrottlingException", "ThrottlingException"],
    [509, "BandwidthLimitExceeded", "BandwidthLimitExceeded"],
    [501, "NotImplemented", undefined],
    [429, "", undefined],
    [403, "AccessDenied", undefined],
    [404, "NoSuchKey", undefined],
  ])("%d %s: %p", (status, code, reason) => {
    const document = parseErrorDocument(`<Code>${code}</Code>`);
    expect(retryReason({ status, headers: new Headers(), document })).toBe(reason);
  });
});

describe("pauseBefore", () => {
  const longest = () => 1;

  test("doubles its bound from try to try, up to two seconds", () => {
    const bounds = [2, 3, 4, 5, 6, 7, 8].map((next) => pauseBefore(next, undefined, longest));
    expect(bounds).toEqual([200, 400, 800, 1600, 2000, 2000, 2000]);
  });

  test("is anything from nothing to the bound", () => {
    expect(pauseBefore(2, undefined, () => 0)).toBe(0);
    expect(pauseBefore(2, undefined, () => 0.25)).toBe(50);
  });

  test.each([
    ["1", 1000],
    ["0", 0],
    ["120", 2000],
    ["-5", 0],
    ["Wed, 21 Oct 2026 07:28:00 GMT", 0],
    ["", 0],
  ])("is at least what Retry-After %p asks, up to two seconds", (value, pause) => {
    expect(pauseBefore(2, new Headers({ "retry-after": value }), () => 0)).toBe(pause);
  });
});
