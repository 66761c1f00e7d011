/**
 * What the settings of the encoders cost in CPU time and bytes, through the server: one photograph, 2725×2225 → 720, a server for
 * each setting, in turns. The first is the yardstick of the ratios.
 *
 *   bun run build && bun bench/encoders.ts [rounds]
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServer } from "../tests/support/executable.ts";
import { drive } from "./measure/load.ts";
import { quantile } from "./measure/statistics.ts";
import { photo } from "./work/photo.ts";

const [rounds = 3] = process.argv.slice(2).map(Number);
const REQUESTS = 6;
const SETTINGS: readonly (readonly [format: string, variables: Readonly<Record<string, string>>])[] = [
  ["jpg", {}],
  ["jpg", { IMGPROXY_JPEG_PROGRESSIVE: "true" }],
  ["webp", { IMGPROXY_WEBP_EFFORT: "1" }],
  ["webp", { IMGPROXY_WEBP_EFFORT: "4" }],
  ["webp", { IMGPROXY_WEBP_EFFORT: "6" }],
  ["avif", { IMGPROXY_AVIF_SPEED: "9" }],
  ["avif", { IMGPROXY_AVIF_SPEED: "8" }],
  ["avif", { IMGPROXY_AVIF_SPEED: "7" }],
  ["avif", { IMGPROXY_AVIF_SPEED: "6" }],
  ["png", {}],
];

const folder = mkdtempSync(join(tmpdir(), "imgproxy-bench-encoders-"));
await (await photo({ width: 2725, height: 2225 })).jpeg({ quality: 85 }).toFile(join(folder, "photo.jpg"));
const measured = SETTINGS.map(() => ({ cpuMs: [] as number[], bytes: 0 }));
for (let round = 0; round < rounds; round++) {
  for (const [at, [format, variables]] of SETTINGS.entries()) {
    await using server = await startServer({
      env: { ...variables, IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder, IMGPROXY_TIMEOUT: "120" },
    });
    const url = (index: number) => `${server.url}/unsafe/w:720/cachebuster:${index}/plain/local:///photo.jpg@${format}`;
    const pid = server.process.pid;
    await drive({ url, requests: 1, parallel: 1, pid });
    const result = await drive({ url: (index) => url(index + 1), requests: REQUESTS, parallel: 2, pid });
    measured[at]?.cpuMs.push(result.cpuMs);
    Object.assign(measured[at] ?? {}, { bytes: result.bytes });
  }
}
const [yardstick] = measured;
console.log("format | setting | CPU ms | ratio | kB | ratio");
for (const [at, [format, variables]] of SETTINGS.entries()) {
  const { cpuMs = [], bytes = 0 } = measured[at] ?? {};
  const ms = quantile(cpuMs, 0.5);
  const ratios = [ms / quantile(yardstick?.cpuMs ?? [], 0.5), bytes / (yardstick?.bytes ?? 0)].map((ratio) =>
    ratio.toFixed(2),
  );
  const setting = Object.entries(variables).map(([name, value]) => `${name}=${value}`);
  console.log([format, setting.join(" "), ms.toFixed(0), ratios[0], (bytes / 1000).toFixed(1), ratios[1]].join(" | "));
}
rmSync(folder, { recursive: true, force: true });
