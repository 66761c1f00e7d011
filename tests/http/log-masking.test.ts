import { describe, expect, test } from "bun:test";
import { compileTargetMask, maskUserInfo } from "../../src/http/log-masking.ts";

describe("the mask of log lines", () => {
  test.each([
    ["/unsafe/plain/http://user:pass@host/x.png", "/unsafe/plain/http://***@host/x.png"],
    ["/unsafe/plain/http://user:pass%40host/x.png@webp", "/unsafe/plain/http://***%40host/x.png@webp"],
    ["/unsafe/plain/http:/user:pass%40host/x.png", "/unsafe/plain/http:/***%40host/x.png"],
    ["/unsafe/plain/https://token%40host/x.png", "/unsafe/plain/https://***%40host/x.png"],
    ["https://:secret@host/", "https://***@host/"],
  ])("hides who asks in %s", (text, masked) => expect(maskUserInfo(text)).toBe(masked));

  test.each([
    "/unsafe/plain/local:///astronaut.jpg@webp",
    "/unsafe/plain/s3://bucket/a:b/cat.jpg@png",
    "/unsafe/plain/s3://bucket@png",
    "/unsafe/plain/http://host:8080/x%40y.png@webp",
    "/unsafe/g:fp:.2:.3/plain/http://host/x.png@webp",
  ])("leaves %s as it is", (text) => expect(maskUserInfo(text)).toBe(text));

  test("hides trusted signatures, which open every path", () => {
    const mask = compileTargetMask(["open-sesame"]);
    expect(mask("/open-sesame/w:10/plain/local:///x.png@webp")).toBe("/***/w:10/plain/local:///x.png@webp");
    expect(mask("/other/w:10/plain/local:///x.png")).toBe("/other/w:10/plain/local:///x.png");
  });
});
