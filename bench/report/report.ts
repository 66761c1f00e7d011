import type { LoadResult } from "../measure/load.ts";
import type { Spread } from "../measure/statistics.ts";

/** One kind of work, done by both servers in turn. */
export type KindResult = {
  readonly name: string;
  /** What a reader sees. */
  readonly title: string;
  readonly ours: LoadResult;
  readonly theirs: LoadResult;
  /** Ours to theirs; above 1 we are faster. */
  readonly throughput: Spread;
  /** Ours to theirs; below 1 we take less. Null where a process is not ours to look at. */
  readonly cpu: Spread | null;
  /** Mean difference of a sample of the two pictures, 0…255; null where their sizes differ. */
  readonly difference: number | null;
};

/** All kinds from one place at one load. */
export type Run = {
  readonly place: "folder" | "s3";
  /** Requests under way at a time. */
  readonly parallel: number;
  readonly kinds: readonly KindResult[];
};

/** Resident memory of one server and its children, in bytes. */
export type MemoryResult = {
  readonly idle: number;
  readonly peak: number;
  /** What is left when nobody has asked for some seconds. */
  readonly settled: readonly { readonly afterSeconds: number; readonly bytes: number }[];
};

/** Everything that one run of the benchmark found out, as it is kept in `docs/performance.json`. */
export type Report = {
  /** Day of the run, ISO 8601. */
  readonly date: string;
  readonly machine: { readonly processor: string; readonly cores: number; readonly system: string };
  readonly versions: Readonly<Record<string, string>>;
  readonly names: { readonly ours: string; readonly theirs: string };
  readonly settings: { readonly rounds: number; readonly seconds: number };
  readonly runs: readonly Run[];
  /** Null where it was not measured. */
  readonly memory: { readonly parallel: number; readonly ours: MemoryResult; readonly theirs: MemoryResult } | null;
};
