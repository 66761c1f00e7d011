import { describe, expect, test } from "bun:test";
import { compileSecretCheck } from "../../src/http/bearer-secret.ts";
import { clientAddress } from "../../src/http/client-address.ts";
import { clientHints } from "../../src/http/client-hints.ts";
import { corsHeaders } from "../../src/http/cors.ts";
import { parseHttpDate } from "../../src/http/http-date.ts";
import { acceptedFormats, vary } from "../../src/http/negotiation.ts";
import { requestId } from "../../src/http/request-id.ts";

const headers = (given: Record<string, string>) => new Headers(given);

describe("the request id", () => {
  test.each([
    ["the client's own", { "x-request-id": "abc_DEF-123" }, "abc_DEF-123"],
    ["Lambda's", { "x-amzn-request-context": '{"requestId":"lam-1"}' }, "lam-1"],
    [
      "Lambda's when the client's is not acceptable",
      { "x-request-id": "a b", "x-amzn-request-context": '{"requestId":"lam-1"}' },
      "lam-1",
    ],
  ])("is %s", (_, given, expected) => {
    expect(requestId(headers(given))).toBe(expected);
  });

  test.each([
    {},
    { "x-request-id": "bad id!" },
    { "x-request-id": "" },
    { "x-request-id": "a".repeat(1000) },
    { "x-amzn-request-context": '{"requestId":"lam 1"}' },
    { "x-amzn-request-context": "not JSON" },
    { "x-amzn-request-context": "null" },
  ] as Record<string, string>[])("is random for %p", (given) => {
    const [one, other] = [requestId(headers(given)), requestId(headers(given))];
    expect(one).toMatch(/^[A-Za-z0-9_-]{21}$/);
    expect(one).not.toBe(other);
  });
});

describe("the client's address", () => {
  test.each([
    [{}, "10.1.1.1"],
    [{ "x-real-ip": "3.3.3.3" }, "3.3.3.3"],
    [{ "x-forwarded-for": "2.2.2.2, 9.9.9.9", "x-real-ip": "3.3.3.3" }, "2.2.2.2"],
    [{ "cf-connecting-ip": "1.1.1.1", "x-forwarded-for": "2.2.2.2" }, "1.1.1.1"],
    [{ "x-forwarded-for": " , 9.9.9.9" }, "10.1.1.1"],
  ] as [Record<string, string>, string][])("of %p is %p", (given, expected) => {
    expect(clientAddress(headers(given), "10.1.1.1")).toBe(expected);
  });
});

describe("the bearer secret", () => {
  const check = compileSecretCheck("s3cr");

  test("lets in who knows it", () => {
    expect(() => check(headers({ authorization: "Bearer s3cr" }))).not.toThrow();
  });

  test.each(["bearer s3cr", "Bearer nope", "Bearer s3cr3", "Bearer  s3cr", "s3cr", ""])(
    "refuses %p",
    (authorization) => {
      expect(() => check(headers({ authorization }))).toThrow("Invalid secret");
    },
  );

  test("is not asked for when there is none", () => {
    expect(() => compileSecretCheck("")(headers({}))).not.toThrow();
  });
});

describe("content negotiation", () => {
  test.each([
    ["image/webp,*/*", { webp: true, avif: false, jxl: false }],
    ["image/avif;q=0,image/jxl", { webp: false, avif: true, jxl: true }],
    ["*/*", { webp: false, avif: false, jxl: false }],
  ])("reads Accept %p", (accept, expected) => {
    expect(acceptedFormats(headers({ accept }))).toEqual(expected);
  });

  test.each([
    [false, false, undefined],
    [true, false, "Accept"],
    [false, true, "Sec-Ch-Dpr, Dpr, Sec-Ch-Width, Width"],
    [true, true, "Accept, Sec-Ch-Dpr, Dpr, Sec-Ch-Width, Width"],
  ])("with Accept %p and hints %p varies by %p", (usesAccept, usesClientHints, expected) => {
    expect(vary({ usesAccept, usesClientHints })).toBe(expected);
  });
});

describe("client hints", () => {
  test.each([
    [{ dpr: "2" }, { dpr: 2, width: undefined }],
    [
      { dpr: "2", "sec-ch-dpr": "1.5" },
      { dpr: 1.5, width: undefined },
    ],
    [
      { dpr: "2", "sec-ch-dpr": "9" },
      { dpr: 2, width: undefined },
    ],
    [{ dpr: "0" }, { dpr: undefined, width: undefined }],
    [{ dpr: "1e1" }, { dpr: undefined, width: undefined }],
    [{ dpr: "NaN" }, { dpr: undefined, width: undefined }],
    [{ width: "20" }, { dpr: undefined, width: 20 }],
    [
      { width: "20", "sec-ch-width": "30" },
      { dpr: undefined, width: 30 },
    ],
    [{ width: "20.5" }, { dpr: undefined, width: undefined }],
    [{ width: "-1" }, { dpr: undefined, width: undefined }],
    [{ width: "99999999999999999999" }, { dpr: undefined, width: undefined }],
  ] as [Record<string, string>, ReturnType<typeof clientHints>][])("of %p are %p", (given, expected) => {
    expect(clientHints(headers(given))).toEqual(expected);
  });
});

test("CORS headers name the configured origin, or are not there", () => {
  expect(corsHeaders("")).toEqual([]);
  expect(corsHeaders("https://a.example")).toEqual([
    ["Access-Control-Allow-Origin", "https://a.example"],
    ["Access-Control-Allow-Methods", "GET, OPTIONS"],
  ]);
});

describe("HTTP dates", () => {
  test.each(["Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"])(
    "in the form %p are read",
    (text) => {
      expect(parseHttpDate(text)).toBe(Date.UTC(1994, 10, 6, 8, 49, 37));
    },
  );

  test("count a leap second as the one after it", () => {
    expect(parseHttpDate("Sat, 31 Dec 2016 23:59:60 GMT")).toBe(Date.UTC(2017, 0, 1));
  });

  test.each(["0", "-1", "1994-11-06", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nox 1994 08:49:37 GMT", "", null])(
    "do not include %p",
    (text) => {
      expect(parseHttpDate(text)).toBeUndefined();
    },
  );
});
