import { existsSync, mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

const SYSTEMD = "/lib/systemd/systemd";
const INIT = join(import.meta.dir, "systemd-machine.sh");
const NAMESPACES = [
  "--mount",
  "--pid",
  "--fork",
  "--cgroup",
  "--uts",
  "--ipc",
  "--net",
  "--mount-proc",
  "--kill-child",
];
const BOOT_LIMIT_MS = 60_000;

/** Whether this machine has a systemd of its own and lets us start another in namespaces: root, on Debian or the like. */
export function canBootSystemd(): boolean {
  const tools = ["bash", "unshare", "pivot_root", "ip", "dpkg"];
  if (process.getuid?.() !== 0 || !existsSync(SYSTEMD) || tools.some((tool) => Bun.which(tool) === null)) return false;
  const mounts =
    "mount -t cgroup2 x /mnt && mount -t tmpfs x /mnt && cd /mnt && mkdir a b c && mount -t overlay x -o lowerdir=/,upperdir=a,workdir=b c";
  return Bun.spawnSync(["unshare", ...NAMESPACES, "sh", "-c", mounts], { stderr: "ignore" }).exitCode === 0;
}

/**
 * Runs a command as root on a machine that is this one as it is now, but with its own systemd, own processes and no network; what
 * it writes is gone with it, except into `folder`. Returns what the command printed.
 */
export async function runUnderSystemd(folder: string, command: readonly string[]): Promise<string> {
  mkdirSync(folder, { recursive: true });
  const machine = Bun.spawn(["unshare", ...NAMESPACES, INIT, folder, ...command], {
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
    timeout: BOOT_LIMIT_MS,
    killSignal: "SIGKILL",
  });
  const [out, err] = await Promise.all([new Response(machine.stdout).text(), new Response(machine.stderr).text()]);
  await machine.exited;
  const output = join(folder, "output");
  if (!existsSync(output)) throw new Error(`the machine did not start: ${out}${err}`);
  return readFileSync(output, "utf8");
}
