import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { formatDuration } from "../../src/http/request-log.ts";
import type { Origin } from "../source/http/origin.ts";
import { PNG, startImageOrigin } from "./image-origin.ts";
import { completedLines, type Stand, startStand } from "./stand.ts";

let origin: Origin;
let stand: Stand;
beforeAll(async () => {
  origin = await startImageOrigin();
  const keys = { IMGPROXY_KEY: "736563726574", IMGPROXY_SALT: "68656c6c6f", IMGPROXY_TRUSTED_SIGNATURES: "opensesame" };
  stand = await startStand({ env: { ...keys, IMGPROXY_WORKERS: "4" } });
});
afterAll(async () => {
  await stand[Symbol.asyncDispose]();
  await origin[Symbol.asyncDispose]();
});

const path = (rest: string) => `/opensesame/${rest.replace("{ORIGIN}", origin.url)}`;

describe("the log", () => {
  test("has one line for an image, with what there is to know", async () => {
    await stand.get(path("rs:fit:20:20/plain/{ORIGIN}/ok.png@webp"), {
      "X-Request-ID": "one",
      "X-Forwarded-For": "9.9.9.9",
    });
    await completedLines(stand, 1);
    const lines = stand.lines.filter(({ fields, level }) => fields["request_id"] === "one" && level !== "debug");
    expect(lines).toHaveLength(1);
    expect(lines[0]?.level).toBe("info");
    expect(lines[0]?.message).toMatch(/^Completed in [\d.]+(µs|ms|s) \/\*\*\*\/rs:fit:20:20\/plain\//);
    expect(lines[0]?.fields).toEqual({
      request_id: "one",
      method: "GET",
      status: 200,
      client_ip: "9.9.9.9",
      image_url: `${origin.url}/ok.png`,
      source_host: origin.url.replace("http://", ""),
      source_bytes: PNG.length,
      source_size: "64x48",
      result_size: "20x15",
      result_bytes: expect.any(Number),
      queue_ms: expect.any(Number),
      download_ms: expect.any(Number),
      processing_ms: expect.any(Number),
      sending_ms: expect.any(Number),
      processing_options: { format: "webp", height: 20, resizing_type: "fit", width: 20 },
      error: undefined,
      hint: undefined,
      stack: undefined,
    });
  });

  test("says what an unknown option may have been meant to be", async () => {
    await stand.get(path("heigth:20/plain/{ORIGIN}/ok.png"), { "X-Request-ID": "typo" });
    await completedLines(stand, 1);
    await Bun.sleep(20);
    const line = stand.lines.find(({ fields }) => fields["request_id"] === "typo" && fields["status"]);
    expect(line?.fields["error"]).toContain('unknown option "heigth"');
    expect(line?.fields["hint"]).toBe('Did you mean "height"?');
  });

  test.each([
    ["plain/{ORIGIN}/404", 404, "warn"],
    ["plain/{ORIGIN}/500", 502, "error"],
    ["nosuch:1/plain/x", 404, "warn"],
  ])("tells of %s, %p, at level %s", async (rest, status, level) => {
    await stand.get(path(rest), { "X-Request-ID": `level-${status}-${rest.length}` });
    await completedLines(stand, 1);
    await Bun.sleep(20);
    const line = stand.lines.find(
      ({ fields }) => fields["request_id"] === `level-${status}-${rest.length}` && fields["status"],
    );
    expect([line?.fields["status"], line?.level]).toEqual([status, level]);
    expect(line?.fields["error"]).toBeString();
  });

  test("never shows a trusted signature or a password", async () => {
    await stand.get(path("plain/http://user:hunter2%40127.0.0.1:1/a.png"));
    await fetch(stand.url + path("plain/http://user:hunter2%40127.0.0.1:1/a.png"), { method: "POST" });
    await Bun.sleep(50);
    const all = JSON.stringify(stand.lines);
    expect(all).not.toContain("hunter2");
    expect(all).not.toContain("opensesame");
  });

  test("says nothing of health checks and favicons, and names unrouted paths", async () => {
    const before = stand.lines.length;
    await stand.get("/health");
    await stand.get("/favicon.ico");
    expect(stand.lines.length).toBe(before);
    await fetch(`${stand.url}/x`, { method: "POST" });
    expect(stand.lines.at(-1)?.message).toBe("Route for /x is not defined");
  });
});

describe("the metrics", () => {
  test("count image requests and nothing else, under the reference's names", async () => {
    await using fresh = await startStand({ env: { IMGPROXY_WORKERS: "4" } });
    await fresh.get(`/unsafe/plain/${origin.url}/ok.png`);
    await fresh.get(`/unsafe/plain/${origin.url}/404`);
    await fresh.get("/unsafe/nosuch:1/plain/x");
    await fresh.get("/health");
    await fetch(`${fresh.url}/x`, { method: "HEAD" });
    await completedLines(fresh, 3);
    const text = fresh.metrics.render();
    for (const line of [
      "requests_total 3",
      'status_codes_total{status="200"} 1',
      'status_codes_total{status="404"} 2',
      'errors_total{type="download"} 1',
      'errors_total{type="path_parsing"} 1',
      "request_duration_seconds_count 3",
      'request_span_duration_seconds_count{span="queue"} 2',
      'request_span_duration_seconds_count{span="downloading_source_image"} 2',
      'request_span_duration_seconds_count{span="processing_image"} 1',
      'request_span_duration_seconds_count{span="streaming_image"} 3',
      "workers 4",
      "requests_in_progress 0",
      "images_in_progress 0",
      "workers_utilization 0",
      "queue_waiting 0",
    ]) {
      expect(text).toContain(`\n${line}\n`);
    }
  });
});

test.each([
  [0.951269, "951.269µs"],
  [5.939879, "5.939879ms"],
  [5.93, "5.93ms"],
  [1003.361682, "1.003361682s"],
])("%p milliseconds are written %s", (ms, expected) => {
  expect(formatDuration(ms)).toBe(expected);
});
