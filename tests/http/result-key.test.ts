import { describe, expect, test } from "bun:test";
import { loadConfig } from "../../src/config/config.ts";
import { compileRequestSettings, readImageRequest } from "../../src/http/read-request.ts";
import { compileResultNames } from "../../src/http/result-key.ts";

const { config } = loadConfig({
  IMGPROXY_PRESETS: "small=w:20",
  IMGPROXY_AUTO_WEBP: "true",
  IMGPROXY_ALLOW_SECURITY_OPTIONS: "true",
});
const settings = compileRequestSettings(config);
const names = compileResultNames({ config, images: { watermark: undefined, fallback: undefined }, version: "1" });

function nameOf(options: string, { source = "local:///a.jpg", accept = "", headers = {} } = {}): [string, string] {
  const asked = readImageRequest(`/unsafe/${options}/plain/${source}`, settings);
  const client = new Headers({ accept });
  return [names.lasting(asked, client, headers), names.passing(asked, client, headers)];
}

describe("the names of a result, lasting and passing,", () => {
  test.each([
    ["spelling", "w:20", "width:20"],
    ["presets", "w:20", "pr:small"],
    ["order", "w:20/h:10", "h:10/w:20"],
    ["defaults", "w:20", "w:20/q:0/bl:0/el:0"],
    ["the way it is delivered", "w:20", "w:20/fn:holiday/att:1/exp:4102444800"],
  ])("do not depend on %s", (_, one, other) => {
    expect(nameOf(other)).toEqual(nameOf(one));
  });

  test("differ wherever the result may", () => {
    const all = [
      ...["w:20", "h:20", "w:2/h:0", "w:20/q:80", "w:20/fq:jpeg:80", "w:20/c:5:5", "w:20/c:5:5:no", "w:20/cb:1"],
      ...[
        "w:20/bg:fff",
        "w:20/fl:1",
        "w:20/fl:0:1",
        "w:20/f:png",
        "w:20/skp:png",
        "w:20/msr:1",
        "w:20/wm:1",
        "w:20/t:1",
      ],
      // What looks like another field, or like the end of a text.
      ...["w:20/cb:1,width=30", 'w:20/cb:",width=30', "cb:20", "cb:null", "w:20/cb:jpeg"],
    ].map((options) => nameOf(options));
    const others = [
      nameOf("w:20", { source: "local:///b.jpg" }),
      nameOf("w:20", { accept: "image/webp" }),
      nameOf("w:20", { headers: { cookie: "a=b" } }),
      nameOf("w:20", { headers: { authorization: "x" } }),
    ];
    for (const kind of [0, 1] as const) {
      const kept = [...all, ...others].map((pair) => pair[kind]);
      expect(new Set(kept).size).toBe(kept.length);
    }
  });

  test("do not depend on what a client accepts where the URL names the format", () => {
    expect(nameOf("w:20/f:png", { accept: "image/webp" })).toEqual(nameOf("w:20/f:png"));
  });
});
