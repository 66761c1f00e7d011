import { describe, expect, test } from "bun:test";
import {
  type DescribedVariable,
  describeConfig,
  renderConfigJson,
  renderConfigTable,
} from "../../src/config/describe.ts";
import type { EnvironmentFile, Variables } from "../../src/config/environment.ts";
import { ROWS } from "../../src/config/reading.ts";

function described(variables: Variables, file: EnvironmentFile | null = null): Map<string, DescribedVariable> {
  const rows = describeConfig({ variables, file }, { version: "1.2.3" });
  return new Map(rows.map((row) => [row.variable, row]));
}

describe("describeConfig", () => {
  test("lists every variable once with its section and default", () => {
    const rows = describeConfig({ variables: {}, file: null });
    expect(rows).toHaveLength(ROWS.length);
    expect(rows.every(({ origin }) => origin === "default")).toBe(true);
    expect(described({}).get("IMGPROXY_QUALITY")).toEqual({
      section: "Compression",
      variable: "IMGPROXY_QUALITY",
      value: "80",
      origin: "default",
      default: "80",
      status: "works",
      isReloadable: true,
      error: null,
    });
  });

  const file: EnvironmentFile = { path: "/etc/imgproxy.env", lines: new Map([["IMGPROXY_TTL", 1]]) };
  const cases: readonly (readonly [Variables, string, string, string])[] = [
    [{ IMGPROXY_QUALITY: "50" }, "IMGPROXY_QUALITY", "50", "environment"],
    [{ IMGPROXY_TTL: "50" }, "IMGPROXY_TTL", "50", "file /etc/imgproxy.env"],
    [{ PORT: "3000" }, "IMGPROXY_BIND", ":3000", "environment (PORT)"],
    [{ AWS_LAMBDA_FUNCTION_NAME: "f" }, "IMGPROXY_WORKERS", "1", "environment (AWS_LAMBDA_FUNCTION_NAME)"],
    [{ AWS_DEFAULT_REGION: "x" }, "AWS_REGION", "x", "environment (AWS_DEFAULT_REGION)"],
    [{ IMGPROXY_FORMAT_QUALITY: "jpg=1" }, "IMGPROXY_FORMAT_QUALITY", "webp=79,avif=63,jxl=77,jpeg=1", "environment"],
    [{ IMGPROXY_MAX_SRC_RESOLUTION: "16.80" }, "IMGPROXY_MAX_SRC_RESOLUTION", "16.8", "environment"],
    [{ IMGPROXY_WATERMARK_DATA: "aGVsbG8=" }, "IMGPROXY_WATERMARK_DATA", "(5 bytes)", "environment"],
    [{}, "IMGPROXY_USER_AGENT", "imgproxy/1.2.3", "default"],
    [{ HTTP_PROXY: "http://u:hunter2@proxy:1" }, "HTTP_PROXY", "http://(hidden)@proxy:1", "environment"],
    [{ IMGPROXY_KEY: "aa,bb" }, "IMGPROXY_KEY", "(set, 2 items)", "environment"],
    [{ IMGPROXY_TRUSTED_SIGNATURES: "aa" }, "IMGPROXY_TRUSTED_SIGNATURES", "(set, 1 item)", "environment"],
    [{ IMGPROXY_SECRET: "aa" }, "IMGPROXY_SECRET", "(set)", "environment"],
    [{ IMGPROXY_S3_BUCKETS: '{"a":{}}' }, "IMGPROXY_S3_BUCKETS", "(set, 1 item)", "environment"],
    [{}, "IMGPROXY_KEY", "", "default"],
    [{}, "IMGPROXY_SECRET", "", "default"],
    [{}, "IMGPROXY_S3_BUCKETS", "", "default"],
  ];
  test.each(cases)("%j: %s is %p from %s", (variables, name, value, origin) => {
    expect(described(variables, file).get(name)).toMatchObject({ value, origin });
  });

  test("a wrong value is described instead of thrown", () => {
    const row = described({ IMGPROXY_QUALITY: "500" }).get("IMGPROXY_QUALITY");
    expect(row).toMatchObject({ value: "80", error: expect.stringContaining('IMGPROXY_QUALITY="500" must be') });
  });

  test("what lives as long as the server is marked", () => {
    expect(described({}).get("IMGPROXY_BIND")?.isReloadable).toBe(false);
    expect(described({}).get("IMGPROXY_KEY")?.isReloadable).toBe(true);
  });

  test("features that are not built yet are marked", () => {
    expect(described({}).get("IMGPROXY_USE_GCS")?.status).toBe("pending");
    expect(described({}).get("IMGPROXY_USE_S3")?.status).toBe("works");
  });
});

describe("rendering", () => {
  const rows = describeConfig({
    variables: { IMGPROXY_QUALITY: "500", IMGPROXY_BIND: ":80", IMGPROXY_USE_GCS: "1" },
    file: null,
  });

  test("the table has a block for each section and says what is not as usual", () => {
    const lines = renderConfigTable(rows).split("\n");
    expect(lines[0]).toBe("Server");
    expect(lines.filter((line) => /^\S/.test(line))).toEqual([...new Set(rows.map(({ section }) => section))]);
    const find = (name: string) =>
      lines
        .find((line) => line.startsWith(`  ${name} `))
        ?.replace(/ {2,}/g, " | ")
        .trim();
    expect(find("IMGPROXY_BIND")).toBe("| IMGPROXY_BIND | :80 | environment; default :8080");
    expect(find("IMGPROXY_SECRET")).toBe("| IMGPROXY_SECRET | - | default");
    expect(find("IMGPROXY_QUALITY")).toBe(
      "| IMGPROXY_QUALITY | 80 | environment; default 80; the value given is wrong",
    );
    expect(find("IMGPROXY_USE_GCS")).toBe("| IMGPROXY_USE_GCS | true | environment; default false; not built yet");
  });

  test("columns of a section begin at the same place", () => {
    const block = renderConfigTable(rows)
      .split("\n\n")
      .find((text) => text.startsWith("Cookies"));
    const columns = block
      ?.trimEnd()
      .split("\n")
      .slice(1)
      .map((line) => /\s(default|environment)/.exec(line)?.index);
    expect(new Set(columns).size).toBe(1);
  });

  test("the JSON form is the rows as they are", () => {
    expect(JSON.parse(renderConfigJson(rows))).toEqual(rows as never);
  });
});
