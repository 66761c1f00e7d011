import { readdirSync, readFileSync } from "node:fs";

/** What the system says of a process: its own resident memory, open files, threads and children. */
export type ProcessState = {
  readonly residentBytes: number;
  readonly descriptors: number;
  readonly threads: number;
  /** Process ids. */
  readonly children: readonly number[];
};

/** The state of a process of ours on Linux; undefined when it is gone. */
export function processState(pid: number): ProcessState | undefined {
  try {
    const status = readFileSync(`/proc/${pid}/status`, "utf8");
    const threads = readdirSync(`/proc/${pid}/task`);
    return {
      residentBytes: Number(/^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024,
      descriptors: readdirSync(`/proc/${pid}/fd`).length,
      threads: threads.length,
      children: threads.flatMap((thread) => childrenOf(pid, thread)),
    };
  } catch {
    return undefined;
  }
}

function childrenOf(pid: number, thread: string): number[] {
  try {
    return readFileSync(`/proc/${pid}/task/${thread}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
  } catch {
    return []; // The thread has ended meanwhile.
  }
}
