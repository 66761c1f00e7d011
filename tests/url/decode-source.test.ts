import { describe, expect, test } from "bun:test";
import { decodeSource } from "../../src/url/decode-source.ts";
import { refusalOf } from "../options/reference-settings.ts";

const B64 = "bG9jYWw6Ly8vcG5nL3BuZy5wbmc";
const URL_OF_B64 = "local:///png/png.png";
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString("base64url");

describe("a plain source", () => {
  test.each([
    ["plain/local:///a.jpg", "local:///a.jpg", ""],
    ["plain/local:///a.jpg@webp", "local:///a.jpg", "webp"],
    ["plain/local:///a.jpg@", "local:///a.jpg", ""],
    ["plain/local%3A%2F%2F%2Fa%2Fb", "local:///a/b", ""],
    ["plain/s3://b/a%2540b", "s3://b/a%40b", ""],
    ["plain/s3://b/a%40b@png", "s3://b/a@b", "png"],
    ["plain/s3://b/a+b", "s3://b/a+b", ""],
    ["plain//path", "/path", ""],
    ["plain/x@%77ebp", "x", "%77ebp"],
    ["plain/x@webp/", "x", "webp/"],
    ["plain/http://h/%C3%A9é", "http://h/éé", ""],
    ["plain/http://h/%ff-%C3%A9", "http://h/%FF-%C3%A9", ""],
    ["plain/%EF%BB%BFx", "\uFEFFx", ""],
    ["plain/a.b.c", "a.b.c", ""],
  ])("%s", (source, url, extension) => expect(decodeSource(source, false)).toEqual({ url, extension }));

  test.each(["plain/", "plain/@webp", "plain/x@jpg@png", "plain/x@@", "plain/x@webp@"])("%s is refused", (source) =>
    expect(refusalOf(() => decodeSource(source, false)).kind).toBe("invalid_url"),
  );
});

describe("a base64 source", () => {
  test.each([
    [B64, URL_OF_B64, ""],
    [`${B64}.webp`, URL_OF_B64, "webp"],
    [`${B64}.`, URL_OF_B64, ""],
    [`${B64}====`, URL_OF_B64, ""],
    [`${B64}=.webp`, URL_OF_B64, "webp"],
    [`bG9j/YWw6Ly8/vcG5nL3BuZy5wbmc.we/bp`, URL_OF_B64, "webp"],
    [`${B64}/`, URL_OF_B64, ""],
    ["====", "", ""],
    [base64("http://h/a%20b?q=1@2x"), "http://h/a%20b?q=1@2x", ""],
    [base64("http://h/é"), "http://h/é", ""],
    [base64(Uint8Array.of(...Buffer.from("http://h/"), 0xff)), "http://h/%FF", ""],
  ])("%s", (source, url, extension) => expect(decodeSource(source, false)).toEqual({ url, extension }));

  test.each([
    "",
    "plain",
    ".webp",
    `${B64}.webp.png`,
    `${B64}..webp`,
    "!!!!",
    "a",
    `${B64}+`,
    `${B64}@webp`,
    "w",
    "=.=.=",
  ])("%j is refused", (source) => expect(refusalOf(() => decodeSource(source, false)).kind).toBe("invalid_url"));

  test.each([
    [B64, URL_OF_B64, ""],
    [`${B64}.webp/puppy.jpg`, URL_OF_B64, "webp"],
    [`bG9jYWw6Ly8vcG5n/L3BuZy5wbmc/x.y.z`, URL_OF_B64, ""],
    [`${B64}/`, URL_OF_B64, ""],
    ["plain/x/puppy.jpg", "x/puppy.jpg", ""],
  ])("%s with a file name", (source, url, extension) => expect(decodeSource(source, true)).toEqual({ url, extension }));

  test("says which character is wrong", () =>
    expect(refusalOf(() => decodeSource("YW+j", false)).message).toContain('"+" is not in its alphabet'));
});
