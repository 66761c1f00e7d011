// biome-ignore-all lint/suspicious/noTemplateCurlyInString: ${1} is how replacements name a wildcard
import { describe, expect, test } from "bun:test";
import {
  compileSourceRules,
  requireAllowedSource,
  resolveSource,
  type SourceSettings,
} from "../../src/url/source-rules.ts";

const rulesWith = (settings: Partial<SourceSettings>) =>
  compileSourceRules({
    baseUrl: "",
    urlReplacements: [],
    allowedSources: [],
    sourceUrlQuerySeparator: "?",
    ...settings,
  });

/** `pattern=replacement;…`, as the variable has it. */
const replacements = (text: string) =>
  text.split(";").map((item) => ({ key: item.slice(0, item.indexOf("=")), value: item.slice(item.indexOf("=") + 1) }));

describe("URL replacements", () => {
  const urlReplacements = replacements(
    "mylocal://=local:///;x:=local:///png/;sw*://=local:///${1}/;two://*/*/=local:///$2/$1;one://=two2://;two2://=local:///",
  );

  test.each([
    ["mylocal://png/png.png", "local:///png/png.png"],
    ["x:png.png", "local:///png/png.png"],
    ["swpng://png.png", "local:///png/png.png"],
    ["two://png.png/png/", "local:///png/png.png"],
    ["one://png/png.png", "local:///png/png.png"],
    ["zmylocal://png", "zmylocal://png"],
    ["MYLOCAL://png", "MYLOCAL://png"],
    ["two://png.png", "two://png.png"],
  ])("%s becomes %s", (url, resolved) =>
    expect(String(resolveSource(url, rulesWith({ urlReplacements })))).toBe(resolved),
  );

  test.each([
    ["a*=$1x-${1}x", "abc", "-bcx"],
    ["a*=$$1-$0-$9-${name}-$", "abc", "$1-abc---$"],
    ["a*b*c=[$1|$2]", "aXbYbZcc!", "[XbY|Zc]!"],
    ["a*b=[$1]", "abb/b", "[b]/b"],
    ["*://*/=$2/$1/", "s3://bucket/key/more", "bucket/s3/key/more"],
    ["a.c=x", "abc", "abc"],
    ["a.c=x", "a.cd", "xd"],
    ["*=<$1>", "a/b", "<a>/b"],
    ["a*=", "abc", ""],
    ["aa*a=x", "aa", "aa"],
  ])("%s makes of %s %s", (rule, url, resolved) =>
    expect(String(resolveSource(url, rulesWith({ urlReplacements: replacements(rule) })))).toBe(resolved),
  );

  test("take time linear in the URL", () => {
    const rules = rulesWith({ urlReplacements: replacements("a*a*a*a*a*a*a*a*a*b=x") });
    const start = performance.now();
    resolveSource("a".repeat(500_000), rules);
    expect(performance.now() - start).toBeLessThan(200);
  });
});

describe("the base URL", () => {
  const rules = rulesWith({ baseUrl: "http://h/base", urlReplacements: replacements("a://=http://h/base/") });

  test.each([
    ["a.png", "http://h/basea.png"],
    ["/a.png", "http://h/base/a.png"],
    ["", "http://h/base"],
    ["http://h/base/a.png", "http://h/base/a.png"],
    ["HTTP://h/base/a.png", "http://h/baseHTTP://h/base/a.png"],
    ["http://other/a", "http://h/basehttp://other/a"],
    ["a://b", "http://h/base/b"],
  ])("makes of %j %s", (url, resolved) => expect(String(resolveSource(url, rules))).toBe(resolved));
});

describe("allowed sources", () => {
  const isAllowed = (url: string, allowedSources: string[], settings: Partial<SourceSettings> = {}): boolean => {
    const rules = rulesWith({ allowedSources, ...settings });
    try {
      requireAllowedSource(resolveSource(url, rules), rules);
      return true;
    } catch {
      return false;
    }
  };

  test("are all of them when none is named", () => expect(isAllowed("file:///etc/passwd", [])).toBeTrue());

  test.each([
    ["local:///png/", "local:///png/png.png"],
    ["local:///p*/pn*.png", "local:///p/pn.png"],
    ["local:///p*/pn*.png", "local:///png/png.png.more"],
    ["http://*.example.com/", "http://a.b.example.com/x"],
    ["http://*.example.com/", "http://user:pw@img.example.com/x"],
    ["http://h/ok*/", "http://h/ok/../no/a.png"],
    ["http://", "http://anything/at:all"],
    ["s3://", "s3://bucket/key"],
    ["s3://bucket", "s3://bucket/key"],
    ["s3://bucket", "s3://bucket"],
    ["s3://buck*", "s3://bucket/key"],
    ["s3://bucket/a", "s3://bucket/abc"],
    ["s3://bucket/a", "s3://bucket/a/../b"],
    ["http://good.com", "http://good.com/x"],
    ["http://good.com", "http://good.com"],
    ["http://good.com", "http://good.com?x"],
    ["http://good.com", "http://good.com#x"],
    ["http://good.com", "http://good.com:8080/x"],
    ["http://good.com:8080", "http://good.com:8080/x"],
    ["http://user:pw@good.com/", "http://user:pw@good.com/x"],
    ["plain-name", "plain-name-and-more"],
    ["local:///png", "local:///png2/x"],
    ["local:///png/", "local:///png/a/../png.png"],
    ["local:///png/", "local:///png/a?/../../x"],
  ])("%s admits %s", (pattern, url) => expect(isAllowed(url, ["other://", pattern])).toBeTrue());

  test.each([
    ["local:///png/", "local:///jpg/x"],
    ["local:///png/", "LOCAL:///png/x"],
    ["local:///png/", "local:///png"],
    ["local:///p*/pn*.png", "local:///p/x/pn.png"],
    ["local:///p*/pn*.png", "local:///png/8-bpp.png"],
    ["local:///j.g/", "local:///jpg/x"],
    ["http://*.example.com/", "http://a.example.org/x"],
    ["http://h/ok*/", "http://h/ok"],
    // A host ends where it ends.
    ["http://good.com", "http://good.com.evil/x"],
    ["http://good.com", "http://good.company/x"],
    ["http://good.com", "http://good.com@evil.com/x"],
    ["http://good.com", "http://good.com:80@evil.com/x"],
    ["http://good.com", "http://good.com:pw/x"],
    ["http://good.com", "http://good.com\\.evil/x"],
    ["http://good.com:80", "http://good.com:8080/x"],
    ["http://good*.com/", "http://good@evil.com/x"],
    ["http://*.good.com/", "http://evil.com?.good.com/x"],
    ["http://*.good.com/", "http://evil.com#.good.com/x"],
    ["http://*.good.com/", "http://evil.com\\.good.com/x"],
    ["http://*.good.com", "http://evil.com#.good.com"],
    ["s3://bucket", "s3://bucket-of-others/key"],
    // What the file system will see counts too.
    ["local:///png/", "local:///png/../jpg/x"],
    ["local:///png/", "local:///png/./../jpg/x"],
    ["local:///png/", "local:///png//../../jpg/x"],
    ["local:///png/", "local:///jpg/../png/x"],
    ["local:///*/", "local:///./secret.png"],
    ["local:/png/", "local:/png/../jpg/x"],
    ["local://host/png/", "local://host/png/../jpg/x"],
  ])("%s does not admit %s", (pattern, url) => expect(isAllowed(url, ["other://", pattern])).toBeFalse());

  test("are looked at behind the base URL", () => {
    expect(isAllowed("png/a.png", ["local:///png/"], { baseUrl: "local:///" })).toBeTrue();
    expect(isAllowed("png/../jpg/a.png", ["local:///png/"], { baseUrl: "local:///" })).toBeFalse();
  });

  test("know the query separator of local files", () => {
    const allowed = ["local:///png/"];
    expect(isAllowed("local:///png/a!!/../../x", allowed, { sourceUrlQuerySeparator: "!!" })).toBeTrue();
    expect(isAllowed("local:///png/a?/../../x", allowed, { sourceUrlQuerySeparator: "" })).toBeFalse();
  });
});
