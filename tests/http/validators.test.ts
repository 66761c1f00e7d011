import { describe, expect, test } from "bun:test";
import { resultValidators, sourceConditions, type ValidatorSettings } from "../../src/http/validators.ts";

const PLAIN: ValidatorSettings = { usesEtag: true, usesLastModified: true, etagBuster: "", lastModifiedBuster: null };
const BUSTED = { ...PLAIN, etagBuster: "v2" };
const DATED = { ...PLAIN, lastModifiedBuster: Date.UTC(2026, 0, 1) };
const OLD = "Wed, 01 Jan 2025 00:00:00 GMT";
const NEW = "Fri, 02 Jan 2026 00:00:00 GMT";

const conditions = (headers: Record<string, string>, settings = PLAIN) =>
  sourceConditions(new Headers(headers), settings);
const validators = (headers: Record<string, string>, settings = PLAIN) =>
  Object.fromEntries(resultValidators(new Headers(headers), settings));

describe("conditions of the client", () => {
  test("go to the source as they came", () => {
    const headers = { "if-none-match": 'W/"a", "b"', "if-modified-since": "junk" };
    expect(conditions(headers)).toEqual(headers);
  });

  test("stay behind when their validator is not used", () => {
    const headers = { "if-none-match": '"a"', "if-modified-since": OLD };
    expect(conditions(headers, { ...PLAIN, usesEtag: false })).toEqual({ "if-modified-since": OLD });
    expect(conditions(headers, { ...PLAIN, usesLastModified: false })).toEqual({ "if-none-match": '"a"' });
  });
});

describe("an ETag buster", () => {
  test.each([
    ["is put on with the original inside", '"abc"', '"v2/ImFiYyI"'],
    ["keeps a weak original", 'W/"abc"', '"v2/Vy8iYWJjIg"'],
  ])("%s", (_, etag, expected) => {
    expect(validators({ etag }, BUSTED)).toEqual({ ETag: expected });
  });

  test.each([
    ["is taken off again", '"v2/ImFiYyI"', '"abc"'],
    ["is taken off a weak tag", 'W/"v2/ImFiYyI"', '"abc"'],
    ["is taken off a tag without quotes", "v2/ImFiYyI", '"abc"'],
    ["is taken off each tag of a list", '"v1/ImFiYyI", "v2/ImFiYyI" , W/"v2/ImRlZiI"', '"abc", "def"'],
    ["leaves the star alone", "*", "*"],
  ])("%s", (_, header, expected) => {
    expect(conditions({ "if-none-match": header }, BUSTED)).toEqual({ "if-none-match": expected });
  });

  test.each(['"abc"', '"v1/ImFiYyI"', '"v2/"', '"v2/!!!"', '"v2/DQo"', ""])(
    "makes a request with the foreign tag %p unconditional",
    (header) => {
      expect(conditions({ "if-none-match": header, "if-modified-since": OLD }, BUSTED)).toEqual({});
    },
  );

  test("lets a date alone pass", () => {
    expect(conditions({ "if-modified-since": OLD }, BUSTED)).toEqual({ "if-modified-since": OLD });
  });
});

describe("a Last-Modified buster", () => {
  test.each([
    ["replaces an earlier date", OLD, "Thu, 01 Jan 2026 00:00:00 GMT"],
    ["keeps a later date", NEW, NEW],
  ])("%s", (_, date, expected) => {
    expect(validators({ "last-modified": date }, DATED)).toEqual({ "Last-Modified": expected });
  });

  test.each([
    ["forwards a later date", NEW, { "if-modified-since": NEW }],
    ["holds back an earlier date", OLD, {}],
    ["holds back what is no date", "junk", {}],
  ])("%s", (_, date, expected) => {
    expect(conditions({ "if-modified-since": date }, DATED)).toEqual(expected);
  });
});

describe("validators of the source", () => {
  test("are those of the answer", () => {
    expect(validators({ etag: 'W/"x"', "last-modified": OLD })).toEqual({ ETag: 'W/"x"', "Last-Modified": OLD });
  });

  test.each(["yesterday", "0", "2025-01-01T00:00:00Z", "Wed, 01 Foo 2025 00:00:00 GMT"])(
    "do not include the date %p",
    (date) => {
      expect(validators({ "last-modified": date })).toEqual({});
    },
  );

  test("can be switched off", () => {
    const off = { ...PLAIN, usesEtag: false, usesLastModified: false };
    expect(validators({ etag: '"x"', "last-modified": OLD }, off)).toEqual({});
  });
});
