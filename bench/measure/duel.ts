import { type Kind, requireKind } from "../work/kinds.ts";
import type { Contestant } from "./contestant.ts";
import { drive, type LoadResult } from "./load.ts";
import { type Spread, spread } from "./statistics.ts";

export type Settings = {
  /** Pairs of runs that count. */
  readonly rounds: number;
  /** Length of one run. */
  readonly seconds: number;
  readonly parallel: number;
};

/** Two servers at one kind of work. Ratios are of the runs of one pair, ours to the other's. */
export type Duel = {
  readonly parallel: number;
  readonly ours: LoadResult;
  readonly theirs: LoadResult;
  /** Above 1: we are faster. */
  readonly throughput: Spread;
  /** Below 1: we take less. */
  readonly cpu: Spread;
};

const LEAST_REQUESTS = 8;
/**
 * The cheapest picture, and the one that takes code of its own, so often that nearly all code of both sides is compiled as far as it
 * will be: a server's first minute. Compiling takes another third of a thumbnail's time at first, and 4 % after 4000.
 */
const WARM_UP = [
  ["thumb-jpeg", 12_000],
  ["svg", 400],
] as const;
const WARM_UP_PARALLEL = 8;

/** Gives both the time that a server needs to be itself. */
export async function warmUp(contestants: readonly Contestant[]): Promise<void> {
  for (const { urlOf, pid } of contestants) {
    for (const [name, requests] of WARM_UP) {
      const kind = requireKind(name);
      await drive({ url: (index) => urlOf(kind, index), requests, parallel: WARM_UP_PARALLEL, pid });
    }
  }
}

/**
 * Runs both in turn, A B, B A, …, the same number of requests each. A machine that is slow for a while is so for both, and the
 * ratio of a pair stays.
 */
export async function duel(
  kind: Kind,
  contestants: readonly [Contestant, Contestant],
  settings: Settings,
): Promise<Duel> {
  const { rounds, seconds, parallel } = settings;
  let index = Math.floor(Math.random() * 1e9);
  const run = async ({ urlOf, pid }: Contestant, requests: number) => {
    const from = index;
    index += requests;
    return await drive({ url: (n) => urlOf(kind, from + n), requests, parallel, pid });
  };
  const [ours, theirs] = contestants;
  const warm = LEAST_REQUESTS + 2 * parallel;
  const paces = [(await run(ours, warm)).perSecond, (await run(theirs, warm)).perSecond];
  const requests = Math.max(LEAST_REQUESTS, parallel * 3, Math.round(Math.min(...paces) * seconds));
  const pairs: { ours: LoadResult; theirs: LoadResult }[] = [];
  for (let round = 0; round < rounds; round++) {
    if (round % 2 === 0) {
      const first = await run(ours, requests);
      pairs.push({ ours: first, theirs: await run(theirs, requests) });
    } else {
      const first = await run(theirs, requests);
      pairs.push({ theirs: first, ours: await run(ours, requests) });
    }
  }
  return {
    parallel,
    ours: middle(pairs.map((pair) => pair.ours)),
    theirs: middle(pairs.map((pair) => pair.theirs)),
    throughput: spread(pairs.map((pair) => pair.ours.perSecond / pair.theirs.perSecond)),
    cpu: spread(pairs.map((pair) => pair.ours.cpuMs / pair.theirs.cpuMs)),
  };
}

function middle(results: readonly LoadResult[]): LoadResult {
  const median = (field: keyof LoadResult) => spread(results.map((result) => result[field])).median;
  return {
    perSecond: median("perSecond"),
    p50Ms: median("p50Ms"),
    p99Ms: median("p99Ms"),
    cpuMs: median("cpuMs"),
    bytes: median("bytes"),
  };
}
