import type { MemoryResult } from "../report/report.ts";
import { MIXED_LOAD, requireKind } from "../work/kinds.ts";
import type { Contestant } from "./contestant.ts";
import { memory, resetPeak } from "./process-usage.ts";

/** When resident memory is looked at after the last answer. */
const SETTLED_AFTER_SECONDS = [2, 5, 10] as const;

/** Puts a server under a mixed load for some seconds and tells what it takes meanwhile and afterwards. */
export async function measureMemory(
  { pid, urlOf }: Contestant,
  { parallel, seconds }: { readonly parallel: number; readonly seconds: number },
): Promise<MemoryResult> {
  if (pid === undefined) throw new Error("the memory of a server that somebody else runs is not known");
  const kinds = MIXED_LOAD.map(requireKind);
  const idle = memory(pid).now;
  resetPeak(pid);
  const until = performance.now() + seconds * 1000;
  let next = Math.floor(Math.random() * 1e9);
  const client = async () => {
    while (performance.now() < until) {
      const index = next++;
      const kind = kinds[index % kinds.length];
      if (kind === undefined) throw new Error("the mixed load is empty");
      const answer = await fetch(urlOf(kind, index));
      if (answer.status !== 200) throw new Error(`status ${answer.status} of ${urlOf(kind, index)}`);
      await answer.arrayBuffer();
    }
  };
  await Promise.all(Array.from({ length: parallel }, client));
  const { peak } = memory(pid);
  const ended = performance.now();
  const settled: { afterSeconds: number; bytes: number }[] = [];
  for (const afterSeconds of SETTLED_AFTER_SECONDS) {
    await Bun.sleep(ended + afterSeconds * 1000 - performance.now());
    settled.push({ afterSeconds, bytes: memory(pid).now });
  }
  return { idle, peak, settled };
}
