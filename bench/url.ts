/**
 * How long reading a URL takes, and whether a million hostile ones do any harm.
 *
 *   bun bench/url.ts            microseconds a URL, median of several rounds
 *   bun bench/url.ts fuzz [n]   n (a million) random and mutated targets: how they end, and the slowest
 */
import { readConfig } from "../src/config/config.ts";
import { AppError } from "../src/errors.ts";
import { compileRequestSettings, type RequestSettings, readImageRequest } from "../src/http/read-request.ts";
import { signPath } from "../src/url/signature.ts";
import { mutatedTargets } from "../tests/url/hostile-targets.ts";
import { seededRandom } from "../tests/url/seeded-random.ts";

const ROUNDS = 9;
const READS_A_ROUND = 20_000;
const DEFAULT_TARGETS = 1_000_000;

const KEYS = { IMGPROXY_KEY: "736563726574", IMGPROXY_SALT: "68656c6c6f" };
const settingsOf = (variables: Record<string, string>) => compileRequestSettings(readConfig(variables).config);

const unsigned = settingsOf({});
const signed = settingsOf(KEYS);
const strict = settingsOf({
  ...KEYS,
  IMGPROXY_PRESETS: "default=q:80,thumb=rs:fill:300:200/g:sm",
  IMGPROXY_ALLOWED_SOURCES: "s3://images/,https://*.example.com/",
});

const ordinary = "/rs:fill:300:200/g:sm/q:80/plain/s3://images/2026/08/coffee.jpg@webp";
const base64 = `/rs:fill:300:200/g:sm/q:80/${Buffer.from("s3://images/2026/08/coffee.jpg").toString("base64url")}.webp`;
const long = `/rs:fill:300:200:1/g:fp:0.5:0.3/c:0.9:0.8:no/t:10:ffffff/pd:10:20/bg:ff8800/wm:0.5:soea:10:10:0.2/q:80/f:webp/exp:4102444800/fn:coffee/plain/https://img.example.com/a%20b%2Fc.jpg`;

const CASES: readonly (readonly [string, string, RequestSettings])[] = [
  ["no options, unsigned", "/unsafe/plain/s3://images/coffee.jpg", unsigned],
  ["four options, unsigned", `/unsafe${ordinary}`, unsigned],
  ["four options, signed", sign(ordinary), signed],
  ["four options, base64, signed", sign(base64), signed],
  ["a preset, allowed sources, signed", sign("/pr:thumb/plain/s3://images/coffee.jpg@webp"), strict],
  ["eleven options, signed", sign(long), signed],
  ["a wrong signature", `/${"A".repeat(43)}${ordinary}`, signed],
  ["a mistyped option", "/unsafe/resze:fill:300:200/plain/s3://images/coffee.jpg", unsigned],
];

function sign(path: string): string {
  return `/${signPath(path, { key: Buffer.from(KEYS.IMGPROXY_KEY, "hex"), salt: Buffer.from(KEYS.IMGPROXY_SALT, "hex") })}${path}`;
}

function outcomeOf(target: string, settings: RequestSettings): string {
  try {
    readImageRequest(target, settings);
    return "value";
  } catch (error) {
    if (error instanceof AppError && error.status < 500) return error.kind;
    throw new Error(`${JSON.stringify(target)} ends in a fault`, { cause: error });
  }
}

function microsecondsOf(target: string, settings: RequestSettings): number {
  const rounds = Array.from({ length: ROUNDS }, () => {
    const start = performance.now();
    for (let read = 0; read < READS_A_ROUND; read += 1) outcomeOf(target, settings);
    return ((performance.now() - start) * 1000) / READS_A_ROUND;
  });
  return rounds.toSorted((one, other) => one - other)[Math.floor(ROUNDS / 2)] ?? 0;
}

function fuzz(count: number): void {
  const outcomes = new Map<string, number>();
  let slowest = { ms: 0, target: "" };
  for (const target of mutatedTargets(seededRandom(Date.now()), count)) {
    for (const settings of [unsigned, strict]) {
      const start = performance.now();
      const outcome = outcomeOf(target, settings);
      const ms = performance.now() - start;
      outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1);
      if (ms > slowest.ms) slowest = { ms, target };
    }
  }
  for (const [outcome, times] of outcomes) console.log(`${String(times).padStart(9)}  ${outcome}`);
  console.log(`slowest: ${slowest.ms.toFixed(1)} ms, ${JSON.stringify(slowest.target.slice(0, 100))}`);
}

const [mode, count] = process.argv.slice(2);
if (mode === "fuzz") fuzz(Number(count ?? DEFAULT_TARGETS));
else
  for (const [name, target, settings] of CASES)
    console.log(`${microsecondsOf(target, settings).toFixed(2).padStart(7)} µs  ${name}`);
