import { cpuSeconds } from "./process-usage.ts";
import { quantile } from "./statistics.ts";

export type Load = {
  /** The n-th URL; no two are the same, so that no cache and no sharing of work answers. */
  readonly url: (index: number) => string;
  readonly requests: number;
  /** Requests under way at a time. */
  readonly parallel: number;
  /** Whose CPU time counts; undefined = unknown. */
  readonly pid: number | undefined;
};

export type LoadResult = {
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  /** Of the server, a request. NaN where its process is unknown. */
  readonly cpuMs: number;
  /** Of one answer. */
  readonly bytes: number;
};

/** Sends requests, each as soon as an earlier one is answered. Throws when an answer is not 200. */
export async function drive({ url, requests, parallel, pid }: Load): Promise<LoadResult> {
  const times: number[] = [];
  let next = 0;
  let bytes = 0;
  async function client(): Promise<void> {
    while (next < requests) {
      const address = url(next++);
      const since = performance.now();
      const answer = await fetch(address);
      bytes += (await answer.arrayBuffer()).byteLength;
      if (answer.status !== 200) throw new Error(`status ${answer.status} of ${address}`);
      times.push(performance.now() - since);
    }
  }
  const cpuBefore = pid === undefined ? Number.NaN : cpuSeconds(pid);
  const since = performance.now();
  await Promise.all(Array.from({ length: parallel }, client));
  const seconds = (performance.now() - since) / 1000;
  const cpu = (pid === undefined ? Number.NaN : cpuSeconds(pid)) - cpuBefore;
  return {
    perSecond: requests / seconds,
    p50Ms: quantile(times, 0.5),
    p99Ms: quantile(times, 0.99),
    cpuMs: (cpu * 1000) / requests,
    bytes: bytes / requests,
  };
}
