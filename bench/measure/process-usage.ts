import { readdirSync, readFileSync, writeFileSync } from "node:fs";

const TICKS_PER_SECOND = 100;

/** Seconds of CPU that a process and its children have taken so far. */
export function cpuSeconds(pid: number): number {
  return family(pid).reduce((sum, member) => sum + cpuOf(member), 0);
}

/** Seconds of CPU that the first thread of a process has taken so far: the one that runs JavaScript. */
export function threadSeconds(pid: number): number {
  return seconds(timesIn(`/proc/${pid}/task/${pid}/stat`).own);
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
  // Without the children that have ended the sum would fall when one does.
  const { own, endedChildren } = timesIn(`/proc/${pid}/stat`);
  return seconds(own) + seconds(endedChildren);
}

/** User and system time in ticks. That of ended children is the whole process's, also in the file of a thread. */
function timesIn(file: string): { readonly own: readonly string[]; readonly endedChildren: readonly string[] } {
  const stat = read(file);
  // The name in brackets may hold spaces; the times are the 12th to 15th field behind it.
  const fields = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return { own: fields.slice(11, 13), endedChildren: fields.slice(13, 15) };
}

function seconds(ticks: readonly string[]): number {
  return ticks.reduce((sum, count) => sum + Number(count), 0) / TICKS_PER_SECOND;
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
