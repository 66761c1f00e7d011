import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, open, readdir, readFile, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { isAlive } from "./is-alive.ts";

const BUILD_TIMEOUT_MS = 15 * 60_000;

export type GoProgram = {
  /** Package and version, as `go install` takes them; the version is a fixed one. */
  readonly module: string;
  /** For people. */
  readonly name: string;
  /** Where the program shall lie. */
  readonly path: string;
  readonly progress: (line: string) => void;
};

/** Whether there is a Go to build with. */
export async function hasGo(): Promise<boolean> {
  return (await run("go", ["version"], {})).code === 0;
}

/** Builds a program with Go unless it is there; at most once a machine: whoever comes second waits for the first. */
export async function installGoProgram(program: GoProgram): Promise<void> {
  const { path, name, progress } = program;
  await mkdir(dirname(path), { recursive: true });
  const lock = `${path}.lock`;
  const deadline = Date.now() + BUILD_TIMEOUT_MS;
  while (!(await takesLock(lock))) {
    if (Date.now() > deadline) throw new Error(`waited too long for another build of ${name}; is ${lock} left over?`);
    await sleep(500);
  }
  try {
    // The one we waited for may have done the work.
    if (existsSync(path)) return;
    progress(`Building ${name} with Go into ${path}: about two minutes, once.`);
    await build(program);
  } finally {
    await rm(lock, { force: true });
  }
}

/** A lock is a file holding its owner's process id; that of a dead process does not count. */
async function takesLock(lock: string): Promise<boolean> {
  const file = await open(lock, "wx").catch(() => undefined);
  if (file !== undefined) {
    await file.writeFile(String(process.pid));
    await file.close();
    return true;
  }
  const owner = Number(await readFile(lock, "utf8").catch(() => ""));
  if (owner > 0 && !isAlive(owner)) await rm(lock, { force: true });
  return false;
}

async function build({ module, path }: GoProgram): Promise<void> {
  const workFolder = `${path}.build-${process.pid}`;
  try {
    const result = await run("go", ["install", module], { GOBIN: workFolder });
    if (result.code !== 0) throw new Error(`go install ${module} failed:\n${result.output.slice(-2000)}`);
    const [file = ""] = await readdir(workFolder);
    await rename(join(workFolder, file), path);
  } finally {
    await rm(workFolder, { recursive: true, force: true });
  }
}

type Finished = { readonly code: number; readonly output: string };

function run(command: string, args: readonly string[], env: Readonly<Record<string, string>>): Promise<Finished> {
  return new Promise((resolve) => {
    let output = "";
    const child = spawn(command, args, {
      env: { ...process.env, ...env },
      stdio: ["ignore", "pipe", "pipe"],
      timeout: BUILD_TIMEOUT_MS,
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (chunk: Uint8Array) => {
        output += Buffer.from(chunk).toString("utf8");
      });
    }
    child.once("error", (error) => resolve({ code: -1, output: error.message }));
    child.once("close", (code) => resolve({ code: code ?? -1, output }));
  });
}
