/**
 * Runs the three yardsticks of a conformance kit against dist/imgproxy and fails below the recorded floors.
 *
 *   bun .ci/yardsticks.ts KIT FLOORS.json
 *
 * Floors are percentages of cases that conform; they go up with the program and never down.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";

type Floors = {
  readonly images: { readonly total: number; readonly eachGroup: number; readonly dead: number };
  readonly urls: { readonly right: number };
  readonly http: { readonly right: number };
};

const { positionals } = parseArgs({ allowPositionals: true });
const [kit, floorsFile] = positionals;
if (kit === undefined || floorsFile === undefined) throw new Error("usage: bun .ci/yardsticks.ts KIT FLOORS.json");
const floors: Floors = JSON.parse(readFileSync(floorsFile, "utf8"));
const server = "dist/imgproxy";
const failures: string[] = [];

async function output(command: string[]): Promise<string> {
  const child = Bun.spawn(command, { stdout: "pipe", stderr: "inherit" });
  const text = await new Response(child.stdout).text();
  await child.exited;
  process.stdout.write(`${text.trimEnd()}\n`);
  return text;
}

/** `right: 890/895 = 99.4 %` or `conforming: …`, as a percentage of unrounded counts. */
function percentage(text: string, word: string): number {
  const match = new RegExp(`^${word}: (\\d+)/(\\d+)`, "m").exec(text);
  const [, good, all] = match ?? [];
  return all === undefined || Number(all) === 0 ? 0 : (100 * Number(good)) / Number(all);
}

function require(what: string, got: number, floor: number): void {
  process.stdout.write(`  ${what}: ${got.toFixed(2)} % (floor ${floor} %)\n`);
  if (got < floor) failures.push(`${what}: ${got.toFixed(2)} % is below the floor of ${floor} %`);
}

const images = await output([process.execPath, join(kit, "conformance.ts"), "--server", server, "--show", "0"]);
require("images", percentage(images, "conforming"), floors.images.total);
let dead = 0;
for (const line of images.split("\n")) {
  // group, identical, same, close, near, far, wrong, dead, conforming/all
  const row = /^(\S+)\s+(?:[\d.]+\s+){6}([\d.]+)\s+(\d+)\/(\d+)$/.exec(line);
  if (row === null) continue;
  const [, group, deadText, good, all] = row;
  dead += deadText === "." ? 0 : Number(deadText);
  const share = (100 * Number(good)) / Number(all);
  if (share < floors.images.eachGroup) failures.push(`images of ${group}: ${share.toFixed(1)} %`);
}
if (dead > floors.images.dead) failures.push(`${dead} images without an answer`);

const urls = await output([process.execPath, join(kit, "urls.ts"), "--server", server]);
require("URLs", percentage(urls, "right"), floors.urls.right);

const http = await output(["python3", join(kit, "http_cases.py"), "--server", server]);
require("HTTP exchanges", percentage(http, "right"), floors.http.right);

for (const failure of failures) process.stderr.write(`${failure}\n`);
process.exit(failures.length === 0 ? 0 : 1);
