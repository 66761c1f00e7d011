import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { compileUrlReader, type UrlReader } from "../../src/http/playground/url-reader.ts";
import { compileRequestSettings, readImageRequest } from "../../src/http/read-request.ts";
import { OPTIONS } from "../../src/options/table/option-table.ts";

const KEYS = { IMGPROXY_KEY: "736563726574", IMGPROXY_SALT: "68656c6c6f" };

function settingsOf(env: Readonly<Record<string, string>>) {
  return compileRequestSettings(loadConfig(env).config);
}

function readerOf(env: Readonly<Record<string, string>> = {}): UrlReader {
  return compileUrlReader(settingsOf(env));
}

const parts = {
  options: ["rs:fill:300:200"],
  source: "s3://b/a b?.jpg",
  extension: "webp",
  encoding: "plain",
} as const;

describe("parts of a URL", () => {
  test("become a target, unsigned without keys", () => {
    expect(readerOf().ofParts(parts)).toMatchObject({
      reading: { target: "/unsafe/rs:fill:300:200/plain/s3://b/a%20b%3F.jpg@webp", source: "s3://b/a b?.jpg" },
      fault: null,
    });
  });

  test("are signed so that the server itself takes them, prefix and short signatures included", () => {
    const env = { ...KEYS, IMGPROXY_PATH_PREFIX: "/img", IMGPROXY_SIGNATURE_SIZE: "9" };
    const target = readerOf(env).ofParts(parts).reading?.target ?? "";
    expect(target).toStartWith("/img/");
    expect(readImageRequest(target, settingsOf(env)).source as string).toBe("s3://b/a b?.jpg");
  });

  test("in base64 come back as they were", () => {
    const { reading } = readerOf().ofParts({ ...parts, encoding: "base64" });
    expect(reading?.target).not.toContain("plain");
    expect(reading).toMatchObject({ source: "s3://b/a b?.jpg", encoding: "base64", extension: "webp" });
  });

  test("explain what they ask for", () => {
    const explained = readerOf().ofParts(parts).reading?.explained ?? [];
    expect(explained.map(({ written }) => written)).toEqual(["rs:fill:300:200", "f:webp"]);
  });

  test.each([
    ["an option that does not exist", { options: ["w:1", "heigth:1"] }, 1, 'Did you mean "height"?'],
    ["a wrong argument", { options: ["q:500"] }, 0, null],
    ["an option that no URL can say", { options: ["cb:a/b"] }, 0, "Options are not percent-decoded"],
    ["no source", { source: "" }, null, null],
    ["an unknown extension", { extension: "webb" }, null, 'Did you mean "webp"?'],
  ])("with %s get a fault that says where", (_, change, optionIndex, hint) => {
    const { fault } = readerOf().ofParts({ ...parts, ...change });
    expect(fault?.optionIndex ?? null).toBe(optionIndex);
    expect(fault?.message).toBeTruthy();
    expect(fault?.hint ?? "").toContain(hint ?? "");
  });

  test("that the server refuses still come with their URL", () => {
    const { reading, fault } = readerOf({ IMGPROXY_ALLOWED_SOURCES: "s3://other/" }).ofParts(parts);
    expect(reading?.target).toBe("/unsafe/rs:fill:300:200/plain/s3://b/a%20b%3F.jpg@webp");
    expect(fault?.hint).toContain("IMGPROXY_ALLOWED_SOURCES");
  });
});

describe("a URL that is pasted", () => {
  test.each([
    "http://127.0.0.1:8080/unsafe/w:300/g:no/plain/s3://b/k@png",
    "https://images.example.com/wrong-signature/w:300/g:no/plain/s3://b/k@png",
    "/unsafe/width:300/gravity:no/plain/s3:/b/k@png?x=1",
    "/unsafe/w%3A300/g%3Ano/plain/s3://b/k@png",
    "/unsafe/w:300/g:no/czM6Ly9iL2s.png",
  ])("%s is taken apart", (url) => {
    expect(readerOf().ofUrl(url).reading).toMatchObject({
      options: [
        { name: "width", arguments: ["300"] },
        { name: "gravity", arguments: ["no"] },
      ],
      source: "s3://b/k",
      extension: "png",
    });
  });

  test.each(["", "/", "nonsense", "/unsafe/w:1/plain/a b", "/unsafe/w:1/%%%/", "http://host", "/unsafe/fill/300/x"])(
    "%j that is none gets a fault and no reading",
    (url) => {
      const { reading, fault } = readerOf().ofUrl(url);
      expect(reading).toBeNull();
      expect(fault?.message).toBeTruthy();
    },
  );

  test("may be a list of presets, where these are all there is", () => {
    const env = { IMGPROXY_ONLY_PRESETS: "true", IMGPROXY_PRESETS: "a=w:1,b=h:1" };
    expect(readerOf(env).ofUrl("/unsafe/a:b/plain/s3://b/k").reading?.options).toEqual([
      { name: "preset", arguments: ["a", "b"] },
    ]);
  });
});

test("every example of every option comes back with its canonical name", () => {
  const reader = readerOf({ IMGPROXY_ALLOW_SECURITY_OPTIONS: "true" });
  for (const row of OPTIONS) {
    for (const example of row.examples) {
      const { reading, fault } = reader.ofPath(`/${example}/plain/s3://b/k`);
      expect(fault, example).toBeNull();
      expect(reading?.options.map(({ name }) => name)).toEqual([row.name]);
    }
  }
});
