import { describe, expect, test } from "bun:test";
import { repairPath } from "../../src/url/repair-path.ts";
import { requireWellFormed, splitTarget } from "../../src/url/target.ts";
import { refusalOf } from "../options/reference-settings.ts";

describe("a request target", () => {
  test.each(["", "/a b", "/a%", "/a%z", "/a%2", "/a%zzb", "/a\u0000", "/a\u001f", "/a\u007f", "/a?b c", "/\t"])(
    "%j is no URL path",
    (target) => expect(refusalOf(() => requireWellFormed(target))).toMatchObject({ kind: "bad_request", status: 400 }),
  );

  test.each(["/", "/a%20b", "/a%e9", "/é", "/a?b%zz", '/a"b\\c|{}^<>#[]`', "http://h/p"])("%j is one", (target) =>
    expect(() => requireWellFormed(target)).not.toThrow(),
  );

  test("says where a broken escape is", () =>
    expect(refusalOf(() => requireWellFormed("/a%2Fb%zz")).message).toContain('"%zz" at character 7'));
});

describe("splitting a target", () => {
  test.each([
    ["/SIG/w:10/plain/x", "", "SIG", "/w:10/plain/x"],
    ["//SIG/w:10", "", "SIG", "/w:10"],
    ["/SIG//w:10", "", "SIG", "//w:10"],
    ["/SIG//", "", "SIG", "//"],
    ["/SIG/a?b/c", "", "SIG", "/a"],
    ["/abc/SIG/a", "/abc", "SIG", "/a"],
    ["/abc//SIG/a", "/abc", "SIG", "/a"],
    ["/abc//SIG/a", "/abc/", "SIG", "/a"],
    ["/%61bc/SIG/a", "/abc", "%61bc", "/SIG/a"],
    ["http://h/p", "", "http:", "//h/p"],
    ["/%20/a", "", "%20", "/a"],
  ])("%s with the prefix %j", (target, prefix, signature, path) =>
    expect(splitTarget(target, prefix)).toEqual({ signature, path }),
  );

  test.each(["/", "/SIG", "/SIG/", "///SIG/a", "/SIG?/a", "/SIG/?a", ""])("%j lacks a half", (target) =>
    expect(refusalOf(() => splitTarget(target, "")).kind).toBe("invalid_url"),
  );
});

describe("repairing a path", () => {
  test.each([
    ["/w:10/plain/x", "/w:10/plain/x"],
    ["//w:10/plain/x", "/w:10/plain/x"],
    ["///w:10/plain/x", "/w:10/plain/x"],
    ["////w:10/plain/x", "//w:10/plain/x"],
    ["/w%3A10/plain/x%3Ay", "/w:10/plain/x%3Ay"],
    ["/w%3a10/plain/x", "/w%3a10/plain/x"],
    ["/w%3A10/h%3A5/YWJj", "/w:10/h:5/YWJj"],
    ["/plain/http:/h/a", "/plain/http://h/a"],
    ["/plain/http://h/a", "/plain/http://h/a"],
    ["/plain/http:///h/a", "/plain/http:///h/a"],
    ["/plain/local:/a/b", "/plain/local:///a/b"],
    ["/plain/LOCAL:/a", "/plain/LOCAL://a"],
    ["/plain/local:///a", "/plain/local:///a"],
    ["/plain/http%3A/h/a", "/plain/http%3A/h/a"],
    // The repair happens at the last place that looks damaged.
    ["/plain/http://h/a:/b.png", "/plain/http://h/a://b.png"],
    ["/plain/http://h/x%3Fu=http:/e.com", "/plain/http://h/x%3Fu=http://e.com"],
    ["/plain/local:/png/a:/png.png", "/plain/local:/png/a://png.png"],
    ["/plain/http:/h/a://b", "/plain/http://h/a://b"],
    ["/plain/:/x", "/plain/:/x"],
    ["/plain/a:/", "/plain/a:/"],
    ["/plain/a:/@png", "/plain/a://@png"],
    // The first /plain/ begins the source.
    ["/cb%3Ax/plain/y%3Az/plain/http:/h", "/cb:x/plain/y%3Az/plain/http://h"],
    ["/cb:/plainly/http:/h", "/cb:/plainly/http:/h"],
    ["/YWJj:/d", "/YWJj:/d"],
  ])("%s becomes %s", (path, repaired) => expect(repairPath(path)).toBe(repaired));

  test("changes nothing a second time, unless a scheme is damaged twice", () => {
    const path = "/w:10/rs:fill:1:2/plain/s3://bucket/a:b/c%3A/d@webp";
    expect(repairPath(path)).toBe(path);
  });

  test("takes time linear in a hostile path", () => {
    const start = performance.now();
    repairPath(`/plain/${"://".repeat(300_000)}`);
    repairPath(`/plain/${":/".repeat(300_000)}`);
    repairPath("/".repeat(900_000));
    expect(performance.now() - start).toBeLessThan(500);
  });
});
