import { describe, expect, test } from "bun:test";
import { type Config, loadConfig } from "../../src/config/config.ts";
import type { Setup } from "../../src/http/playground/api.ts";
import { describeOptions } from "../../src/http/playground/describe-options.ts";
import { compileUrlReader } from "../../src/http/playground/url-reader.ts";
import { compileRequestSettings } from "../../src/http/read-request.ts";
import { OPTIONS } from "../../src/options/table/option-table.ts";
import { loadSegments } from "./page-modules.ts";

const { createSegments } = await loadSegments();

function stand(env: Readonly<Record<string, string>> = {}) {
  const config: Config = loadConfig({ IMGPROXY_ALLOW_SECURITY_OPTIONS: "true", ...env }).config;
  const settings = compileRequestSettings(config);
  // Of the whole setup only this much is asked for.
  const setup = {
    options: describeOptions(config, settings.options, {}),
    separator: settings.options.separator,
    isOnlyPresets: settings.options.isOnlyPresets,
  } as Setup;
  const reader = compileUrlReader(settings);
  const segments = createSegments(setup);
  const form = (path: string) => {
    const { reading } = reader.ofPath(path);
    if (reading === null) throw new Error(`${path} cannot be read`);
    return segments.read(reading);
  };
  const written = (options: ReadonlyMap<string, readonly string[]>) => segments.write(options).map(({ text }) => text);
  return { reader, form, written };
}

describe("the form", () => {
  const examples = OPTIONS.flatMap((row) => row.examples.map((example) => [example] as const));
  // What an empty argument takes back (`bg:`, `t:`, `fn:`), a form that is at the defaults does not hold in the first place.
  const kept = examples.filter(([example]) => !example.endsWith(":"));

  test.each(kept)("holds and writes %s so that it means the same", (example) => {
    const { reader, form, written } = stand();
    const options = form(`/${example}/plain/s3://b/k`);
    const format = options.get("format")?.[0] ?? "";
    expect(reader.options(written(options), format)).toEqual(reader.options([example], ""));
  });

  test.each([
    ["/rs:fill:300:200", ["rs:fill:300:200"]],
    ["/w:300", ["w:300"]],
    ["/w:300/h:200", ["s:300:200"]],
    ["/h:200/rt:force", ["rs:force::200"]],
    ["/el:1", ["el:1"]],
    ["/s:300:200:1:1:no", ["s:300:200:1:1:no"]],
    ["/ex:1:so:0:10", ["ex:1:so:0:10"]],
    ["/rs:fit:300:200/w:400", ["rs:fit:400:200"]],
    ["/skp:png/skp:gif", ["skp:png:gif"]],
    ["/fq:jpeg:70/fq:webp:60", ["fq:jpeg:70:webp:60"]],
    ["/g:sm/q:80", ["g:sm", "q:80"]],
  ])("reads %s and writes it as short as it can", (path, expected) => {
    const { form, written } = stand();
    expect(written(form(`${path}/plain/s3://b/k`))).toEqual(expected);
  });

  test("fills in what an argument behind needs before it", () => {
    const { written } = stand();
    expect(written(new Map([["crop", ["", "0.5"]]]))).toEqual(["c:0:0.5"]);
    expect(written(new Map([["crop", ["0.5", "", "", "10"]]]))).toEqual(["c:0.5:0:ce:10"]);
    expect(written(new Map([["watermark", ["", "soea"]]]))).toEqual(["wm:0:soea"]);
    expect(written(new Map([["blur", [""]]]))).toEqual([]);
  });

  test("takes the format from the extension and leaves it to it", () => {
    const { form, written } = stand();
    const options = form("/f:png/plain/s3://b/k@webp");
    expect(options.get("format")).toEqual(["webp"]);
    expect(written(options)).toEqual([]);
  });

  test("uses the names and the separator that the server allows", () => {
    const { form, written } = stand({ IMGPROXY_ARGUMENTS_SEPARATOR: ";" });
    expect(written(form("/rs;fill;300;200/plain/s3://b/k"))).toEqual(["rs;fill;300;200"]);
    const parts = stand({ IMGPROXY_ALLOWED_PROCESSING_OPTIONS: "width,h,quality" });
    const options = parts.form("/width:300/h:200/quality:80/plain/s3://b/k");
    expect(parts.written(options)).toEqual(["width:300", "h:200", "quality:80"]);
  });

  test("writes nothing but names of presets where there is nothing else", () => {
    const { form, written } = stand({ IMGPROXY_ONLY_PRESETS: "true", IMGPROXY_PRESETS: "a=w:1,b=h:1" });
    expect(written(form("/a:b/plain/s3://b/k"))).toEqual(["a:b"]);
  });
});

describe("the description of options", () => {
  const describe = (env: Readonly<Record<string, string>>) => {
    const { config } = loadConfig(env);
    const rows = describeOptions(config, compileRequestSettings(config).options, {});
    return new Map(rows.map((row) => [row.name, row]));
  };

  test("shows the defaults of this server, those of its preset default included", () => {
    const plain = describe({ IMGPROXY_STRIP_METADATA: "false", IMGPROXY_MAX_SRC_RESOLUTION: "12.5" });
    expect(plain.get("strip_metadata")?.arguments[0]?.initial).toBe("0");
    expect(plain.get("keep_copyright")?.arguments[0]?.initial).toBe("1");
    expect(plain.get("max_src_resolution")?.arguments[0]?.initial).toBe("12.5");
    expect(plain.get("enlarge")?.arguments[0]?.initial).toBe("0");
    const preset = describe({ IMGPROXY_PRESETS: "default=sm:0/el:1/ar:0" });
    expect(["strip_metadata", "enlarge", "auto_rotate"].map((name) => preset.get(name)?.arguments[0]?.initial)).toEqual(
      ["0", "1", "0"],
    );
  });

  test("says what may not be used here", () => {
    expect(describe({}).get("max_src_resolution")?.written).toBeNull();
    expect(describe({ IMGPROXY_ALLOW_SECURITY_OPTIONS: "true" }).get("max_src_resolution")?.written).toBe("msr");
    expect(describe({ IMGPROXY_ALLOWED_PROCESSING_OPTIONS: "quality" }).get("quality")?.written).toBe("quality");
  });
});
