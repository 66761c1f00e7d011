import { describe, expect, test } from "bun:test";
import { runExecutable } from "../support/executable.ts";

type Report = { check: string; findings: { level: string; text: string; cure?: string }[] }[];

async function examine(env: Record<string, string>) {
  const { status, out } = await runExecutable(["doctor", "--json"], { env });
  const report: Report = JSON.parse(out);
  return { status, findings: report.flatMap(({ findings }) => findings), report };
}

describe("imgproxy doctor", () => {
  test("writes and reads every format, and is content", async () => {
    const { status, report } = await examine({});
    expect(status).toBe(0);
    const formats = report.find(({ check }) => check === "formats")?.findings ?? [];
    expect(formats.map(({ text }) => text.split(" ")[0]).toSorted()).toEqual([
      "avif",
      "bmp",
      "gif",
      "ico",
      "jpeg",
      "jxl",
      "png",
      "tiff",
      "webp",
    ]);
    expect(formats.every(({ level }) => level === "ok")).toBe(true);
  });

  test("has a cure for everything that is wrong, and fails", async () => {
    const { status, findings } = await examine({ IMGPROXY_QUALITY: "180", IMGPROXY_KEY: "00", IMGPROXY_SALT: "11" });
    expect(status).toBe(1);
    expect(findings.some(({ level, text }) => level === "fail" && text.includes("IMGPROXY_QUALITY"))).toBe(true);
    expect(findings.some(({ level, text }) => level === "warn" && text.includes("shorter than 16 bytes"))).toBe(true);
    expect(findings.filter(({ level }) => level !== "ok").every(({ cure }) => (cure ?? "") !== "")).toBe(true);
  });
});
