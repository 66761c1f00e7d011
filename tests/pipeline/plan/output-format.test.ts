import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import type { ImageMetadata } from "../../../src/image/types.ts";
import { decideFormat } from "../../../src/pipeline/plan/output-format.ts";
import type { AcceptedFormats } from "../../../src/pipeline/types.ts";
import { configOf, metaOf, NOBODY, optionsOf, type Variables } from "../requests.ts";

const RGB_PNG = metaOf();
const RGBA_PNG = metaOf({ hasAlpha: true, channels: 4 });
const JPEG = metaOf({ format: "jpeg" });
const WEBP = metaOf({ format: "webp" });
const ALPHA_WEBP = metaOf({ format: "webp", hasAlpha: true, channels: 4 });
const GIF = metaOf({ format: "gif", hasAlpha: true, channels: 4 });
const ANIMATED_GIF = metaOf({ format: "gif", pages: 5, isAnimation: true, hasAlpha: true, channels: 4 });
const ANIMATED_WEBP = metaOf({ format: "webp", pages: 5, isAnimation: true, hasAlpha: true, channels: 4 });
const SVG = metaOf({ format: "svg", hasAlpha: true, channels: 4 });

type Case = { variables?: Variables; accepted?: Partial<AcceptedFormats> };

function decide(meta: ImageMetadata, text: string, { variables = {}, accepted = {} }: Case = {}): string {
  const settings = configOf(variables);
  const decision = decideFormat({
    meta,
    options: optionsOf(text, variables),
    accepted: { ...NOBODY, ...accepted },
    settings,
  });
  return decision.kind === "source" ? "source" : decision.format;
}

describe("without a format", () => {
  test.each([
    ["an RGB PNG", "", "png", RGB_PNG],
    ["a JPEG", "", "jpeg", JPEG],
    ["an opaque WebP", "", "jpeg", WEBP],
    ["a WebP with alpha", "", "png", ALPHA_WEBP],
    ["a WebP with alpha on a background", "bg:fff", "jpeg", ALPHA_WEBP],
    ["an opaque WebP with a border", "pd:5", "png", WEBP],
    ["an opaque WebP with a coloured border", "pd:5/bg:fff", "jpeg", WEBP],
    ["an extended opaque WebP", "ex:1", "png", WEBP],
    ["an opaque WebP extended to a ratio", "exar:1", "jpeg", WEBP],
    ["a still GIF", "", "gif", GIF],
    ["an opaque TIFF", "", "jpeg", metaOf({ format: "tiff" })],
    ["an icon with alpha", "", "png", metaOf({ format: "ico", hasAlpha: true })],
    ["an SVG", "", "source", SVG],
  ] as const)("%s with options %p becomes %s", (_, text, expected, meta) => {
    expect(decide(meta, text)).toBe(expected);
  });

  test("an animation that is kept whole becomes what can hold it", () => {
    expect(decide(ANIMATED_WEBP, "maf:10")).toBe("gif");
    expect(decide(ANIMATED_WEBP, "")).toBe("png");
    expect(decide(ANIMATED_GIF, "maf:10")).toBe("gif");
  });

  test("the preferred formats decide, the source's own first", () => {
    const variables = { IMGPROXY_PREFERRED_FORMATS: "webp,png" };
    expect(decide(JPEG, "", { variables })).toBe("webp");
    expect(decide(RGB_PNG, "", { variables })).toBe("png");
    expect(decide(ALPHA_WEBP, "", { variables: { IMGPROXY_PREFERRED_FORMATS: "jpeg" } })).toBe("jpeg");
  });
});

describe("with Accept", () => {
  const variables = { IMGPROXY_AUTO_AVIF: "true", IMGPROXY_ENFORCE_WEBP: "true" };
  const both = { avif: true, webp: true };

  test.each([
    ["rgb.png", "", "avif", RGB_PNG, both],
    ["rgb.png@png", "@png", "webp", RGB_PNG, both],
    ["anim.gif", "maf:10", "webp", ANIMATED_GIF, both],
    ["anim.gif@png", "maf:10@png", "webp", ANIMATED_GIF, both],
    ["svg", "", "source", SVG, both],
    ["svg@png", "@png", "webp", SVG, both],
    ["rgb.png", "", "webp", RGB_PNG, { webp: true }],
    ["rgb.png", "", "avif", RGB_PNG, { avif: true }],
    ["rgb.png@png", "@png", "png", RGB_PNG, { avif: true }],
    ["anim.gif", "maf:10", "gif", ANIMATED_GIF, { avif: true }],
    ["svg@png", "@png", "png", SVG, { avif: true }],
    ["rgb.png", "", "png", RGB_PNG, {}],
    ["svg", "", "source", SVG, {}],
  ] as const)("%s with options %p becomes %s", (_, text, expected, meta, accepted) => {
    expect(decide(meta, text, { variables, accepted })).toBe(expected);
  });

  test("JPEG XL comes before AVIF, for stills only", () => {
    const all = { IMGPROXY_AUTO_JXL: "true", IMGPROXY_AUTO_AVIF: "true", IMGPROXY_AUTO_WEBP: "true" };
    const accepted = { jxl: true, avif: true, webp: true };
    expect(decide(RGB_PNG, "", { variables: all, accepted })).toBe("jxl");
    expect(decide(ANIMATED_GIF, "maf:2", { variables: all, accepted })).toBe("webp");
    const enforced = { IMGPROXY_ENFORCE_JXL: "true" };
    expect(decide(RGB_PNG, "@png", { variables: enforced, accepted })).toBe("jxl");
    // ENFORCE implies AUTO.
    expect(decide(RGB_PNG, "", { variables: enforced, accepted })).toBe("jxl");
  });

  test("nothing is enforced over an SVG that was asked for", () => {
    const variables = { IMGPROXY_ENFORCE_WEBP: "true" };
    const accepted = { jxl: false, avif: false, webp: true };
    expect(() => decide(RGB_PNG, "@svg", { variables, accepted })).toThrow("a png source cannot become an SVG");
    expect(decide(SVG, "@svg", { variables, accepted })).toBe("source");
  });
});

describe("handing the source on", () => {
  test("a skipped format stays as it is when nothing else is asked for", () => {
    expect(decide(GIF, "skp:gif")).toBe("source");
    expect(decide(GIF, "skp:gif@gif")).toBe("source");
    expect(decide(GIF, "skp:gif@png")).toBe("png");
    expect(decide(GIF, "", { variables: { IMGPROXY_SKIP_PROCESSING_FORMATS: "gif" } })).toBe("source");
    expect(decide(GIF, "skp:gif", { variables: { IMGPROXY_ENFORCE_WEBP: "true" }, accepted: { webp: true } })).toBe(
      "source",
    );
  });

  test("an SVG becomes pixels only when asked", () => {
    const variables = { IMGPROXY_ALWAYS_RASTERIZE_SVG: "true" };
    expect(decide(SVG, "@svg")).toBe("source");
    expect(decide(SVG, "@png")).toBe("png");
    expect(decide(SVG, "", { variables })).toBe("png");
    expect(decide(SVG, "@svg", { variables })).toBe("source");
    expect(decide(SVG, "skp:svg", { variables })).toBe("source");
  });
});

describe("formats that cannot be made", () => {
  test.each([
    ["SVG of a raster source", "@svg"],
    ["HEIC", "@heic"],
  ])("%s is refused as a target", (_, text) => {
    let thrown: unknown;
    try {
      decide(RGB_PNG, text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(AppError);
    expect(thrown).toMatchObject({ kind: "unsupported_target", status: 422 });
  });
});

test("an unused RGBA source is a PNG with alpha", () => {
  expect(decide(RGBA_PNG, "")).toBe("png");
  expect(decide(RGBA_PNG, "@jpg")).toBe("jpeg");
});
