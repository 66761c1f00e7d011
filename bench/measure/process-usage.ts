import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process and its children have taken so far. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => sum + cpuOf(member), 0);
}

/** Seconds of CPU that the first thread of a process has taken so far: the one that runs JavaScript. */
export function threadSeconds(pid: number): number {
  return cpuIn(`/proc/${pid}/task/${pid}/stat`);
}

/** Resident memory now and at its peak, of a process and its children, in bytes. */
export function memory(pid: number): { readonly now: number; readonly peak: number } {
  const all = family(pid).map((member) => read(`/proc/${member}/status`));
  const sum = (field: string) =>
    all.reduce((total, status) => total + Number(new RegExp(`^${field}:\\s+(\\d+)`, "m").exec(status)?.[1] ?? 0), 0);
  return { now: sum("VmRSS") * 1024, peak: sum("VmHWM") * 1024 };
}

/** Starts counting the peak anew from what is resident now. */
export function resetPeak(pid: number): void {
  for (const member of family(pid)) writeFileSync(`/proc/${member}/clear_refs`, "5");
}

function cpuOf(pid: number): number {
  return cpuIn(`/proc/${pid}/stat`);
}

function cpuIn(file: string): number {
  const stat = read(file);
  // The name in brackets may hold spaces; user and system time are the 12th and 13th field behind it, and then those of children that
  // have ended, without which the sum would fall when one does.
  const times = stat
    .slice(stat.lastIndexOf(")") + 2)
    .split(" ")
    .slice(11, 15);
  return times.reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_SECOND;
}

function family(pid: number): number[] {
  const children = tasks(pid).flatMap((task) => read(`/proc/${pid}/task/${task}/children`).split(" ").filter(Boolean));
  return [pid, ...children.flatMap((child) => family(Number(child)))];
}

function tasks(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/task`);
  } catch {
    return []; // It has ended.
  }
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
