/**
 * What becomes of the .deb on a machine with systemd, told as one JSON object in `result.json`; `under-systemd.test.ts` says what
 * it has to be. Runs as root on the machine that `runUnderSystemd` makes, in its shared folder, and nowhere else.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";

const [deb = "", image = "", documentation = ""] = process.argv.slice(2);
const ENV_FILE = "/etc/imgproxy/imgproxy.env";
const BASE = "http://127.0.0.1:8080";

function sh(...command: string[]): { status: number; out: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command);
  return { status: exitCode, out: `${stdout}${stderr}`.trim() };
}
const systemctl = (...args: string[]) => sh("systemctl", ...args);
const show = (property: string) => systemctl("show", "--property", property, "--value", "imgproxy").out;
const install = () => sh("dpkg", "--install", "--force-unsafe-io", "--no-triggers", deb);
const fileMode = (path: string) =>
  `${(statSync(path).mode & 0o7777).toString(8)} ${sh("stat", "-c", "%U:%G", path).out}`;
const state = () => [systemctl("is-enabled", "imgproxy").out, systemctl("is-active", "imgproxy").out].join(" ");

async function answer(path: string, secret = "sesame"): Promise<string> {
  const response = await fetch(BASE + path, { headers: { Authorization: `Bearer ${secret}` } });
  return `${response.status} ${response.headers.get("content-type")}`;
}

function dropIn(name: string, ...lines: string[]): void {
  const folder = "/etc/systemd/system/imgproxy.service.d";
  mkdirSync(folder, { recursive: true });
  writeFileSync(`${folder}/${name}.conf`, `[Service]\n${lines.join("\n")}\n`);
  systemctl("daemon-reload");
}

/** The drop-in of the documentation that begins with these words. */
function documentedDropIn(words: string): string {
  const blocks = readFileSync(documentation, "utf8").matchAll(/```ini\n([\s\S]*?)```/g);
  const block = [...blocks].find((match) => match[1]?.startsWith(`# ${words}`))?.[1];
  if (block === undefined) throw new Error(`no drop-in for ${words}`);
  return block;
}

/** Runs the service with other settings and a drop-in of the documentation, asks for something, and goes back. */
async function withDropIn(words: string, settings: string, ask: () => unknown): Promise<unknown> {
  dropIn("documented", documentedDropIn(words));
  appendFileSync(ENV_FILE, settings);
  const started = systemctl("restart", "imgproxy");
  const asked = started.status === 0 ? await ask() : started.out;
  rmSync("/etc/systemd/system/imgproxy.service.d/documented.conf");
  writeFileSync(ENV_FILE, readFileSync("/tmp/settings"));
  systemctl("daemon-reload");
  return asked;
}

async function until(isSo: () => boolean): Promise<boolean> {
  for (let tries = 0; tries < 500 && !isSo(); tries++) await Bun.sleep(10);
  return isSo();
}

const result: Record<string, unknown> = {};

// First installation.
result["installed"] = install();
result["stateAfterInstall"] = state();
result["envFile"] = fileMode(ENV_FILE);
result["verify"] = sh("systemd-analyze", "verify", "imgproxy.service");
result["exposure"] = sh("systemd-analyze", "security", "--no-pager", "imgproxy.service").out.split("\n").at(-1);

// Settings, a secret and images, as an administrator would.
const log = `${process.cwd()}/server.log`;
dropIn("log", `StandardOutput=append:${log}`, `StandardError=append:${log}`);
mkdirSync("/etc/credstore", { recursive: true });
writeFileSync("/etc/credstore/IMGPROXY_SECRET", "sesame\n", { mode: 0o600 });
mkdirSync("/srv/images");
writeFileSync("/srv/images/a.png", readFileSync(image));
appendFileSync(
  ENV_FILE,
  "\nIMGPROXY_BIND=127.0.0.1:8080\nIMGPROXY_LOCAL_FILESYSTEM_ROOT=/srv/images\nIMGPROXY_ALLOW_LOOPBACK_SOURCE_ADDRESSES=true\n",
);
result["started"] = systemctl("enable", "--now", "imgproxy").status;
result["stateAfterStart"] = state();
result["statusText"] = show("StatusText");
const jxl = await fetch(`${BASE}/unsafe/w:50/plain/local:///a.png@jxl`, {
  headers: { Authorization: "Bearer sesame" },
});
writeFileSync("/srv/images/a.jxl", await jxl.bytes());
const neighbour = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(Bun.file(image)) });
result["answers"] = {
  withoutSecret: await answer("/unsafe/w:50/plain/local:///a.png@webp", "wrong"),
  webp: await answer("/unsafe/w:50/plain/local:///a.png@webp"),
  avif: await answer("/unsafe/w:50/plain/local:///a.png@avif"),
  jxl: `${jxl.status} ${jxl.headers.get("content-type")}`,
  fromJxl: await answer("/unsafe/w:50/plain/local:///a.jxl@png"),
  fromHost: await answer(`/unsafe/w:50/plain/http://localhost:${neighbour.port}/a.png@png`),
};
await neighbour.stop(true);
const pid = show("MainPID");
const about = readFileSync(`/proc/${pid}/status`, "utf8");
result["process"] = Object.fromEntries(
  [...about.matchAll(/^(Name|Uid|NoNewPrivs|Seccomp|CapBnd):\s+(\S+)/gm)].map((match) => [match[1], match[2]]),
);
result["user"] = sh("id", "-u", "imgproxy").out;
result["libraries"] = [...new Set(readFileSync(`/proc/${pid}/maps`, "utf8").match(/\/\S*libvips-cpp\S*/g))];
result["isSecretInEnvironment"] = readFileSync(`/proc/${pid}/environ`, "utf8").includes("sesame");

// Reloads: a wrong setting changes nothing, a right one is in force, all in the same process.
writeFileSync("/tmp/settings", readFileSync(ENV_FILE));
appendFileSync(ENV_FILE, "IMGPROXY_QUALITY=180\n");
result["reloadOfWrong"] = systemctl("reload", "imgproxy").status;
await until(() => readFileSync(log, "utf8").includes("The configuration is not reloaded"));
result["afterWrong"] = await answer("/unsafe/w:10/plain/local:///a.png@webp");
writeFileSync(ENV_FILE, `${readFileSync("/tmp/settings", "utf8")}IMGPROXY_PATH_PREFIX=/images\n`);
result["reloadOfRight"] = systemctl("reload", "imgproxy").status;
await until(() => readFileSync(log, "utf8").includes("Reloaded the configuration"));
result["afterRight"] = await answer("/images/unsafe/w:10/plain/local:///a.png@webp");
result["isSameProcess"] = show("MainPID") === pid;
writeFileSync(ENV_FILE, readFileSync("/tmp/settings"));

// What the documentation has to offer.
const askLocal = (path: string) => answer(`/unsafe/w:50/plain/local:///${path}@webp`);
const group = sh("id", "-g", "imgproxy").out;
mkdirSync("/srv/images/group", { mode: 0o750 });
writeFileSync("/srv/images/group/a.png", readFileSync(image));
sh("chgrp", "-R", "www-data", "/srv/images/group");
mkdirSync("/home/photos", { recursive: true });
writeFileSync("/home/photos/a.png", readFileSync(image));
const home = "IMGPROXY_LOCAL_FILESYSTEM_ROOT=/home/photos\n";
const socket = "IMGPROXY_NETWORK=unix\nIMGPROXY_BIND=/run/imgproxy/imgproxy.sock\n";
result["dropIns"] = {
  port80: await withDropIn(
    "Port 80",
    "IMGPROXY_BIND=127.0.0.1:80\n",
    async () => (await fetch("http://127.0.0.1/health")).status,
  ),
  socket: await withDropIn("A Unix socket", socket, () => {
    const asUser = (groups: string) =>
      sh(
        "setpriv",
        "--reuid=33",
        "--regid=33",
        `--groups=${groups}`,
        "env",
        ...socket.trim().split("\n"),
        "imgproxy",
        "health",
      );
    return [asUser(group).status, asUser("33").status];
  }),
  groupWithout: await withDropIn("A limit for memory", "", () => askLocal("group/a.png")),
  group: await withDropIn("Local images that only a group", "", () => askLocal("group/a.png")),
  homeWithout: await withDropIn("A limit for memory", home, () => askLocal("a.png")),
  home: await withDropIn("Local images below /home", home, () => askLocal("a.png")),
};

// A stop waits for the answers that the settings promise, whatever the unit says.
dropIn("stop", "TimeoutStopSec=1");
systemctl("restart", "imgproxy");
const origin = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  fetch: async () => {
    await Bun.sleep(2000);
    return new Response(Bun.file(image));
  },
});
const slow = answer(`/unsafe/w:10/plain/http://127.0.0.1:${origin.port}/a.png@webp`);
await Bun.sleep(200);
await Bun.spawn(["systemctl", "stop", "imgproxy"]).exited;
result["answerDuringStop"] = await slow.catch((error: unknown) => String(error));
result["resultOfStop"] = show("Result");
await origin.stop(true);

// A server that shows no life is started anew.
dropIn("watchdog", "WatchdogSec=500ms", "RestartSec=10ms");
systemctl("start", "imgproxy");
await Bun.sleep(1200);
result["restartsWhileAlive"] = show("NRestarts");
const hung = show("MainPID");
process.kill(Number(hung), "SIGSTOP");
result["isRestartedByWatchdog"] = await until(
  () => !["0", hung].includes(show("MainPID")) && show("SubState") === "running",
);
result["restartsAfterHang"] = show("NRestarts");

// Upgrades: what runs is restarted, what is stopped, disabled or masked stays so, and settings are the administrator's.
const before = show("MainPID");
result["upgraded"] = install().status;
result["isOtherProcess"] = show("MainPID") !== before;
result["stateAfterUpgrade"] = state();
result["areSettingsKept"] = readFileSync(ENV_FILE, "utf8") === readFileSync("/tmp/settings", "utf8");
systemctl("disable", "--now", "imgproxy");
install();
result["stateAfterUpgradeOfDisabled"] = state();
systemctl("mask", "imgproxy");
result["upgradeOfMasked"] = install().status;
result["stateAfterUpgradeOfMasked"] = state();
systemctl("unmask", "imgproxy");

// Removal.
systemctl("enable", "--now", "imgproxy");
result["stateBeforeRemoval"] = state();
result["removed"] = sh("dpkg", "--remove", "--no-triggers", "imgproxy").status;
result["isActiveAfterRemoval"] = systemctl("is-active", "imgproxy").out;
result["areSettingsThereAfterRemoval"] = existsSync(ENV_FILE);
result["purged"] = sh("dpkg", "--purge", "--no-triggers", "imgproxy").status;
result["leftAfterPurge"] = ["/usr/bin/imgproxy", "/etc/imgproxy", "/var/cache/imgproxy"].filter((path) =>
  existsSync(path),
);

writeFileSync("result.json", JSON.stringify(result, null, 2));
