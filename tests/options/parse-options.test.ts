import { describe, expect, test } from "bun:test";
import { applyExtension, parseOptions } from "../../src/options/parse-options.ts";
import { OPTION_ROWS, OPTIONS } from "../../src/options/table/option-table.ts";
import { changesOf, NOW, refusalOf, refusalOfOptions, rulesWith } from "./reference-settings.ts";

const centre = { type: "ce", x: 0, y: 0 };
const position = (type: string, x = 0, y = 0) => ({ type, x, y });
const trim = (changes: object) => ({
  isEnabled: true,
  threshold: 10,
  color: null,
  hasEqualHorizontal: false,
  hasEqualVertical: false,
  ...changes,
});
const watermark = (changes: object) => ({ opacity: 1, position: "ce", x: 0, y: 0, scale: 0, ...changes });
const padding = (top: number, right: number, bottom: number, left: number) => ({
  padding: { top, right, bottom, left },
});
const crop = (width: number, height: number, gravity: object | null = null) => ({ crop: { width, height, gravity } });

describe("an option sets its fields", () => {
  test.each<[string, object]>([
    // sizes
    ["rs:fill:300:200", { resizingType: "fill", width: 300, height: 200 }],
    ["rs:", {}],
    ["rs::::::::", {}],
    ["rs:fill:100:", { resizingType: "fill", width: 100 }],
    ["rs:fit:900:900:1", { width: 900, height: 900, enlarge: true }],
    ["rs:fit:9:9:yes", { width: 9, height: 9 }],
    ["rs:fit:5:3:0:1:no:1:2", { width: 5, height: 3, extend: { isEnabled: true, gravity: position("no", 1, 2) } }],
    ["rs:fit:5:3:::zz", { width: 5, height: 3 }],
    [
      "rs:fit:5:3:0:1:fp:.5:.25",
      { width: 5, height: 3, extend: { isEnabled: true, gravity: position("fp", 0.5, 0.25) } },
    ],
    ["rt:fill/rs::100:50", { resizingType: "fill", width: 100, height: 50 }],
    ["rs:fill:100:50/rs::30", { resizingType: "fill", width: 30, height: 50 }],
    ["s::::", {}],
    ["s:1:2::1:noea", { width: 1, height: 2, extend: { isEnabled: true, gravity: position("noea") } }],
    ["s:1:2::0", { width: 1, height: 2 }],
    ["w:+5/h:007", { width: 5, height: 7 }],
    ["w:100/w:50", { width: 50 }],
    ["mw:1/mh:2", { minWidth: 1, minHeight: 2 }],
    ["z:2", { zoomX: 2, zoomY: 2 }],
    ["z:.5:.25", { zoomX: 0.5, zoomY: 0.25 }],
    ["z:.5:.25/z:3", { zoomX: 3, zoomY: 3 }],
    ["dpr:1_0", { dpr: 10 }],
    ["el:true", { enlarge: true }],
    ["el:1/el:", {}],
    ["el:on", {}],
    ["ex:1", { extend: { isEnabled: true, gravity: centre } }],
    ["ex:1:so/ex:1", { extend: { isEnabled: true, gravity: position("so") } }],
    ["ex:1:no::7", { extend: { isEnabled: true, gravity: position("no", 0, 7) } }],
    ["exar:1:we", { extendAspectRatio: { isEnabled: true, gravity: position("we") } }],
    ["extend_ar:1", { extendAspectRatio: { isEnabled: true, gravity: centre } }],
    // geometry
    ["g:nowe:0:50/g:so", { gravity: position("so", 0, 50) }],
    ["g:fp:.2:.1/g:ce", { gravity: position("ce", 0.2, 0.1) }],
    ["g:nowe:0:50/g:sm", { gravity: position("sm") }],
    ["g:no::", { gravity: position("no") }],
    ["g:fp::.5", { gravity: position("fp", 0, 0.5) }],
    ["g:ce:0:-10", { gravity: position("ce", 0, -10) }],
    ["c:0.5", crop(0.5, 0)],
    ["c:100:50", crop(100, 50)],
    ["c:100:100:soea/c:50:50", crop(50, 50, position("soea"))],
    ["c:100:100:fp::", crop(100, 100, position("fp"))],
    ["c:1:1:no:3:4/c:2:2:so", crop(2, 2, position("so", 3, 4))],
    ["t:10", { trim: trim({}) }],
    ["t:-1:ff00ff", { trim: trim({ threshold: -1, color: { r: 255, g: 0, b: 255 } }) }],
    ["t:10:fa0", { trim: trim({ color: { r: 255, g: 170, b: 0 } }) }],
    ["t:10:ff00ff:1:1/t:10", { trim: trim({ hasEqualHorizontal: true, hasEqualVertical: true }) }],
    ["t:10/t:", {}],
    ["pd:10", padding(10, 10, 10, 10)],
    ["pd:10:20", padding(10, 20, 10, 20)],
    ["pd:10:20/pd::5", padding(10, 5, 10, 5)],
    ["pd::20", padding(0, 20, 0, 20)],
    ["pd:::30", padding(0, 0, 30, 0)],
    ["pd::::40", padding(0, 0, 0, 40)],
    ["pd:10:20:30:40/pd:1", padding(1, 1, 1, 1)],
    ["pd:", {}],
    ["ar:", { autoRotate: false }],
    ["rot:450", { rotate: 90 }],
    ["rot:-90", { rotate: 270 }],
    ["rot:-360", {}],
    ["fl:1/fl::1", { flipHorizontal: true, flipVertical: true }],
    ["fl:", {}],
    // look
    ["bg:f80", { background: { r: 255, g: 136, b: 0 } }],
    ["bg:255:136:0", { background: { r: 255, g: 136, b: 0 } }],
    ["bg:f80/bg:", {}],
    ["bl:1.5/sh:.5/pix:5", { blur: 1.5, sharpen: 0.5, pixelate: 5 }],
    ["wm:1", { watermark: watermark({}) }],
    ["wm:1:soea:::.2/wm:.5", { watermark: watermark({ opacity: 0.5, position: "soea", scale: 0.2 }) }],
    ["wm:.5:re:5:6:.2:x:y", { watermark: watermark({ opacity: 0.5, position: "re", x: 5, y: 6, scale: 0.2 }) }],
    // metadata
    ["sm:0/kcr:0/scp:0", { stripMetadata: false, keepCopyright: false, stripColorProfile: false }],
    ["sm:maybe", { stripMetadata: false }],
    ["ph:1/eth:1", { preserveHdr: true, enforceThumbnail: true }],
    // output
    ["q:0", {}],
    ["q:100", { quality: 100 }],
    ["fq:jpg:50:webp:60/fq:webp:0", { formatQuality: { jpeg: 50, webp: 0 } }],
    ["mb:1000", { maxBytes: 1000 }],
    ["f:jpg/ext:webp", { format: "webp" }],
    ["skp:png:jpg/skp:png", { skipProcessing: ["png", "jpeg"] }],
    ["raw:1/raw:0", {}],
    // delivery
    ["cb:%20", { cachebuster: "%20" }],
    ["exp:2000000000", { expires: NOW }],
    ["exp:-5", { expires: -5 }],
    ["fn:a%20b", { filename: "a%20b" }],
    ['fn:a"b', { filename: 'a"b' }],
    ["fn:YWJj=:1", { filename: "abc" }],
    ["fn:8J-QtiB4:t", { filename: "🐶 x" }],
    ["fn:abc:x", { filename: "abc" }],
    ["fn:abc/fn:", {}],
    ["att:True", { returnAttachment: true }],
  ])("%s", (options, changes) => expect(changesOf(options)).toEqual(changes));

  test.each<[string, object]>([
    ["msr:10.5", { maxSrcResolution: 10_500_000 }],
    ["msr:0", { maxSrcResolution: 0 }],
    ["msfs:-1", { maxSrcFileSize: -1 }],
    ["maf:50", { maxAnimationFrames: 50 }],
    ["mafr:.01", { maxAnimationFrameResolution: 10_000 }],
    ["mrd:-5", { maxResultDimension: -5 }],
  ])("%s, where security options are allowed", (options, changes) =>
    expect(changesOf(options, rulesWith({ allowSecurityOptions: true }))).toEqual(changes),
  );
});

describe("an option is refused", () => {
  test.each(
    [
      "w: w:a w:-1 w:1.5 w:10: w:10:20 W:10 :10 %77:10 w:1%30 min_width:5 foo:1 :: h:10:20",
      "rs:crop:1:1 rs:fit:-1 rs:fit:x:1 rs:fit:1:1:0:1: rs:fit:1:1:0:1:no:1:2:9 s:a s:1:1:1:1:no:1:1:1 rt: rt:fit:1 rt:FIT",
      "z: z:0 z:-1 z:.5: z:1:2:3 z:nan z:inf dpr:0 dpr:1,5 dpr:inf el:1:1",
      "ex:1: ex:1:sm ex:1:re ex:1:fp:.1 ex:1:fp:2:2 ex:1:no:5:5:5 exar:1:sm",
      "g: g:NO g:center g:re g:obj g:objw:face:2 g:ch g:sm:0 g:sm: g:fp g:fp:0 g:fp:1.1:0 g:fp:.5:-.1 g:no:x g:no:1:x g:no:nan g:no:1:2:3",
      "c: c::1 c:1: c:-1 c:x c:1:1: c:1:1:sm:0 c:1:1:fp:.5 c:1:1:obj c:1:1:no:1:1:1 c:nan",
      "t:x t:nan t:10:#fff t:10:ffff t:10:%23fff t::zz t:10:fff:1:1:1 pd:-1 pd:a pd:1:1:1:1:1",
      "rot: rot:45 rot:90.0 rot:90:1 fl:1:1:1",
      "bg:#fff bg:ffff bg:1:2 bg:256:0:0 bg:-1:0:0 bg:+1:0:0 bg::: bg:1:2:3:4 bl: bl:-1 bl:nan sh:1:1 pix:1.5 pix:-1",
      "wm: wm:1.1 wm:-.1 wm:nan wm:.5:fp wm:.5:NO wm:.5:ch wm:.5:ce:x wm:.5:ce:1:1:0 wm:.5:ce:1:1:x wm:1:::::::",
      "sm:1:1 q: q:-1 q:101 q:1.5 q:80:1 fq: fq:jpg fq:jpg: fq:jpg:101 fq:foo:5 fq:jpg:50:webp mb: mb:-1 mb:1:1",
      "f: f:JPG f:tif f:heif f:best f:pdf f:webp:1 skp: skp:foo skp:png: raw:1:1 cb:a:b",
      "exp: exp:x exp:1 exp:1.5 exp:1999999999 exp:99999999999999999999 exp:2000000001:1 fn:!!:1 fn:a:1:1 fn:a:1 att:1:1 pr: pr:x",
      "exp:1/exp:4000000000 f:nope/f:webp",
    ].flatMap((line) => line.split(" ")),
  )("%s", (options) => expect(refusalOfOptions(options)).toMatchObject({ kind: "invalid_url", status: 404 }));

  test.each(["msr:10", "msr:", "max_src_file_size:x", "maf:1", "mafr:1", "max_result_dimension:1"])(
    "%s, a security option that is not allowed, with 403",
    (options) =>
      expect(refusalOfOptions(options)).toMatchObject({
        kind: "option_forbidden",
        status: 403,
        publicMessage: "Invalid URL",
      }),
  );

  test.each(["msr:-1", "msr:x", "msr:1:1", "msr:nan", "maf:0", "maf:x", "msfs:1.5", "mafr:", "mrd:x"])(
    "%s, even where security options are allowed",
    (options) => expect(refusalOfOptions(options, rulesWith({ allowSecurityOptions: true })).kind).toBe("invalid_url"),
  );

  test("at the first error from the left", () =>
    expect(refusalOfOptions("w:x/msr:1").message).toContain('option 1, "w:x"'));
});

describe("names", () => {
  test("every alias means the same as the long name", () => {
    const rules = rulesWith({ allowSecurityOptions: true });
    for (const { name, aliases, examples } of OPTIONS) {
      for (const example of examples) {
        const rest = example.slice(example.indexOf(":"));
        const expected = parseOptions([name + rest], rules, NOW);
        for (const alias of aliases) expect(parseOptions([alias + rest], rules, NOW)).toEqual(expected);
      }
    }
  });

  test("are unique over all options, and there are 46 that work with 92 spellings", () => {
    const names = OPTION_ROWS.flatMap((row) => [row.name, ...row.aliases]);
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
    expect(OPTIONS.length).toBe(46);
    expect(OPTIONS.flatMap((row) => [row.name, ...row.aliases]).length).toBe(92);
  });

  test("are checked against IMGPROXY_ALLOWED_PROCESSING_OPTIONS as they are written", () => {
    const rules = rulesWith({
      allowedProcessingOptions: ["w", "rs", "pr"],
      presets: ["big=el:1/h:50", "default=q:90"],
    });
    expect(changesOf("w:10/rs:fit:5/pr:big", rules)).toMatchObject({ width: 5, enlarge: true, height: 50 });
    expect(parseOptions([], rules, NOW).quality).toBe(90);
    for (const options of ["width:10", "q:1", "nope:1", "w:10/h:5", "preset:big"]) {
      expect(refusalOfOptions(options, rules).message).toContain("not among the allowed options");
    }
  });
});

describe("the arguments separator", () => {
  test("may be several characters, and then a colon is an ordinary one", () => {
    const rules = rulesWith({ argumentsSeparator: "--" });
    expect(changesOf("rs--fill--20--30/min-width--5", rules)).toEqual({
      resizingType: "fill",
      width: 20,
      height: 30,
      minWidth: 5,
    });
    expect(changesOf("cb--a:b", rules)).toEqual({ cachebuster: "a:b" });
  });

  test("makes names that hold it unusable", () => {
    const rules = rulesWith({ argumentsSeparator: "_" });
    expect(changesOf("w_10", rules)).toEqual({ width: 10 });
    expect(refusalOfOptions("resizing_type_fill", rules).kind).toBe("invalid_url");
  });

  test("must not be empty", () => expect(refusalOf(() => rulesWith({ argumentsSeparator: "" })).kind).toBe("config"));
});

describe("the value", () => {
  const isFrozen = (value: unknown): boolean =>
    typeof value !== "object" || value === null || (Object.isFrozen(value) && Object.values(value).every(isFrozen));

  test("is frozen to its depths, whatever option made it", () => {
    const rules = rulesWith({ allowSecurityOptions: true });
    expect(isFrozen(rules.base)).toBeTrue();
    const examples = OPTIONS.flatMap((row) => row.examples);
    expect(examples.filter((text) => !isFrozen(parseOptions([text], rules, NOW)))).toEqual([]);
    expect(isFrozen(applyExtension(parseOptions(["w:1"], rules, NOW), "webp"))).toBeTrue();
  });

  test("starts from the configuration", () => {
    const rules = rulesWith({
      autoRotate: false,
      skipProcessingFormats: ["svg"],
      returnAttachment: true,
      maxSrcResolution: 9,
    });
    expect(parseOptions([], rules, NOW)).toMatchObject({
      skipProcessing: ["svg"],
      returnAttachment: true,
      maxSrcResolution: 9,
    });
    expect(parseOptions([], rules, NOW).pipelines[0].autoRotate).toBeFalse();
    expect(changesOf("skp:png", rules)).toEqual({ skipProcessing: ["svg", "png"] });
  });
});

describe("the extension", () => {
  const parse = (options: string) => parseOptions(options === "" ? [] : [options], rulesWith(), NOW);

  test("wins over the format option", () => expect(applyExtension(parse("f:png"), "webp").format).toBe("webp"));
  test("counts for nothing when it is empty", () => expect(applyExtension(parse("f:png"), "").format).toBe("png"));
  test("is not looked at with raw", () => expect(applyExtension(parse("raw:1"), "nope").format).toBeNull());
  test.each(["nope", "WEBP", "tif", "best", "%77ebp"])("%s is refused", (extension) =>
    expect(refusalOf(() => applyExtension(parse(""), extension)).kind).toBe("invalid_url"),
  );
});
