import { OPTION_NAMES, OPTIONS } from "../../src/options/table/option-table.ts";
import type { SeededRandom } from "./seeded-random.ts";

/** Well-formed targets to begin with. */
const SEEDS = [
  "/u/plain/local:///a/b.png",
  "/u/plain/local:/a/b.png@webp",
  "/u/bG9jYWw6Ly8vYS9iLnBuZw.webp",
  "/p/u/rs--fill--10--20/plain/x",
  "/p/u/msr--1.5/msfs---1/mrd--5/plain/x",
  "/u/a:b/plain/s3://b/k%3Fv1",
  "/u/pr:a:b/plain/http://img.x.y/a/../b?c#d",
  "/t/w%3A10/plain/http://user:pw%40h.x.y:80/%C3%A9%FF",
  ...OPTIONS.flatMap((row) => row.examples.map((example) => `/u/${example}/plain/local:///x/ab`)),
];

/** Pieces that mean something somewhere in the grammar, and some that never do. */
const PIECES = [
  ..."/ // /// : :: @ . .. ? # % %3A %3a %2F %25 %zz %e9 %C3%A9 \\ = == + - _ * $1 { } | ~ , ; ! ' \" < > ^ ` [ ]".split(
    " ",
  ),
  ..."plain/ /plain/ http:/ http:// s3:// local:/ local:/// 0 1 -1 1e9 0x1p1 1_0 nan inf true f00 ffffff jpg webp é 🐶 \u0000 \u007f".split(
    " ",
  ),
  "\ud800",
  "a".repeat(300),
  ":".repeat(50),
  "=".repeat(50),
  ...OPTION_NAMES,
];

/** Targets that are random, or well-formed ones with pieces put in, taken out, repeated and swapped. */
export function* mutatedTargets(random: SeededRandom, count: number): Generator<string> {
  for (let round = 0; round < count; round += 1) {
    let target = random.below(4) === 0 ? randomTarget(random) : random.pick(SEEDS);
    for (let times = random.below(5); times > 0; times -= 1) target = mutate(target, random);
    yield target;
  }
}

function randomTarget(random: SeededRandom): string {
  return `/${Array.from({ length: random.below(20) }, () => random.pick(PIECES)).join(random.pick(["", "", "/", ":"]))}`;
}

function mutate(target: string, random: SeededRandom): string {
  const at = random.below(target.length + 1);
  const until = Math.min(target.length, at + random.below(8));
  const [before, inside, after] = [target.slice(0, at), target.slice(at, until), target.slice(until)];
  switch (random.below(5)) {
    case 0:
      return before + random.pick(PIECES) + inside + after;
    case 1:
      return before + after;
    case 2:
      return before + inside.repeat(random.below(6)) + after;
    case 3:
      return before + String.fromCharCode(random.below(256)) + inside.slice(1) + after;
    default:
      return after + inside + before;
  }
}
