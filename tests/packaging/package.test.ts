import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";
import packageJson from "../../package.json" with { type: "json" };
import { licensesFileOf } from "../../scripts/build/executable.ts";
import { nativeFiles } from "../../scripts/build/native-packages.ts";
import { hostTarget } from "../../scripts/build/targets.ts";
import { makePackage } from "../../scripts/package/make-package.ts";
import { findNfpm } from "../../scripts/package/nfpm.ts";
import type { PackageFormat } from "../../scripts/package/nfpm-config.ts";
import { EXECUTABLE, runExecutable } from "../support/executable.ts";
import { readRpmHeader } from "../support/rpm-header.ts";

const root = join(import.meta.dir, "../..");
const nfpm = await findNfpm(process.env, (line) => console.error(line));
const target = hostTarget()?.name ?? "";
const arch = process.arch === "arm64" ? { deb: "arm64", rpm: "aarch64" } : { deb: "amd64", rpm: "x86_64" };

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "imgproxy-package-test-"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function packageOf(format: PackageFormat, executable: string, out = folder): Promise<string> {
  return makePackage({ root, nfpm: nfpm ?? "", format, target, executable, out, isCompressed: false });
}

function run(...command: string[]): { status: number; out: string; err: string } {
  const { exitCode, stdout, stderr } = Bun.spawnSync(command, { env: { PATH: process.env["PATH"] ?? "" } });
  return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
}

/** `2.28` as a version of three numbers. */
const semantic = (version: string) => [...version.split("."), "0", "0"].slice(0, 3).join(".");

const FILES = [
  "/etc/imgproxy",
  "/etc/imgproxy/imgproxy.env",
  "/usr/bin/imgproxy",
  "/usr/lib/systemd/system/imgproxy.service",
  "/usr/lib/systemd/system/imgproxy.service.d/credentials.conf",
  "/usr/lib/sysusers.d/imgproxy.conf",
  "/usr/share/bash-completion/completions/imgproxy",
  "/usr/share/fish/vendor_completions.d/imgproxy.fish",
  "/usr/share/imgproxy",
  "/usr/share/imgproxy/grafana",
  "/usr/share/imgproxy/grafana/imgproxy.json",
  "/usr/share/imgproxy/prometheus",
  "/usr/share/imgproxy/prometheus/imgproxy-alerts.yml",
  "/usr/share/imgproxy/prometheus/scrape.yml",
  "/usr/share/man/man1/imgproxy.1.gz",
];

describe.if(nfpm !== undefined && Bun.which("dpkg-deb") !== null)("the .deb", () => {
  let deb: string;
  beforeAll(async () => {
    deb = await packageOf("deb", EXECUTABLE);
  }, 60_000);

  test("is called and described as Debian expects", () => {
    expect(deb).toEndWith(`/imgproxy_${packageJson.version}-1_${arch.deb}.deb`);
    const field = (name: string) => run("dpkg-deb", "--field", deb, name).out.trim();
    expect(["Package", "Version", "Architecture", "Depends"].map(field)).toEqual([
      "imgproxy",
      `${packageJson.version}-1`,
      arch.deb,
      "libc6 (>= 2.28), libstdc++6 (>= 6), libgcc-s1 | libgcc1",
    ]);
  });

  test("has its files where Debian looks for them", () => {
    const paths = run("dpkg-deb", "--contents", deb)
      .out.split("\n")
      .flatMap((line) => / \.(\/\S*[^/])\/?$/.exec(line)?.[1] ?? []);
    const docs = ["THIRD-PARTY-LICENSES.txt.gz", "changelog.gz", "copyright"].map(
      (name) => `/usr/share/doc/imgproxy/${name}`,
    );
    const folders = (path: string) => paths.some((other) => other.startsWith(`${path}/`)) && !FILES.includes(path);
    expect(paths.filter((path) => !folders(path)).toSorted()).toEqual(
      [...FILES, ...docs, "/usr/share/zsh/vendor-completions/_imgproxy"].toSorted(),
    );
  });

  test("is the same, byte for byte, when it is made again from the same commit", async () => {
    const again = await packageOf("deb", EXECUTABLE, join(folder, "again"));
    expect(readFileSync(again).equals(readFileSync(deb))).toBe(true);
  });

  describe.if(process.getuid?.() === 0)("installed into a scratch root", () => {
    let scratch: string;
    const dpkg = (...args: string[]) =>
      run("dpkg", `--root=${scratch}`, "--force-script-chrootless", "--force-depends", ...args);
    beforeAll(() => {
      scratch = join(folder, "root");
      for (const path of ["etc", "var/lib/dpkg/updates", "var/lib/dpkg/info"])
        mkdirSync(join(scratch, path), { recursive: true });
      for (const path of ["etc/passwd", "etc/group", "var/lib/dpkg/status"]) writeFileSync(join(scratch, path), "");
      expect(dpkg("--install", deb)).toMatchObject({ status: 0 });
    });

    test("makes its user there, who may read its settings", () => {
      const gid = Number(/^imgproxy:[^:]*:(\d+):/m.exec(readFileSync(join(scratch, "etc/group"), "utf8"))?.[1]);
      const { mode, uid, gid: owner } = statSync(join(scratch, "etc/imgproxy/imgproxy.env"));
      expect([(mode & 0o7777).toString(8), uid, owner]).toEqual(["640", 0, gid]);
      expect(readFileSync(join(scratch, "etc/passwd"), "utf8")).toMatch(/^imgproxy:x:\d+:.*nologin$/m);
    });

    test("works", async () => {
      const executable = join(scratch, "usr/bin/imgproxy");
      const result = join(scratch, "b.webp");
      const sample = join(root, "src/cli/demo/samples/rocket.jpg");
      const env = { CACHE_DIRECTORY: join(scratch, "cache") };
      expect(await runExecutable(["process", sample, "w:40", result], { executable, env })).toMatchObject({
        status: 0,
      });
      expect(readFileSync(result).subarray(8, 12).toString()).toBe("WEBP");
    });

    test("brings the manual page, the completions and the licences that the executable prints", async () => {
      const read = (path: string) => readFileSync(join(scratch, path));
      const out = async (...args: string[]) => (await runExecutable(args)).out;
      expect(gunzipSync(read("usr/share/man/man1/imgproxy.1.gz")).toString()).toBe(await out("manual"));
      expect(read("usr/share/bash-completion/completions/imgproxy").toString()).toBe(await out("completion", "bash"));
      const licenses = gunzipSync(read("usr/share/doc/imgproxy/THIRD-PARTY-LICENSES.txt.gz")).toString();
      expect(licenses === (await out("version", "--licenses"))).toBe(true);
    });

    test("keeps settings through an upgrade and a removal, and leaves nothing after a purge", () => {
      const settings = join(scratch, "etc/imgproxy/imgproxy.env");
      writeFileSync(settings, "IMGPROXY_TTL=60\n");
      expect(dpkg("--install", deb)).toMatchObject({ status: 0 });
      expect(dpkg("--remove", "imgproxy")).toMatchObject({ status: 0 });
      expect(readFileSync(settings, "utf8")).toBe("IMGPROXY_TTL=60\n");
      expect(existsSync(join(scratch, "usr/bin/imgproxy"))).toBe(false);
      mkdirSync(join(scratch, "var/cache/imgproxy"), { recursive: true });
      expect(dpkg("--purge", "imgproxy")).toMatchObject({ status: 0 });
      expect(["etc/imgproxy", "usr", "var/cache/imgproxy"].filter((path) => existsSync(join(scratch, path)))).toEqual(
        [],
      );
    });
  });
});

describe.if(nfpm !== undefined)("the .rpm", () => {
  let rpm: string;
  beforeAll(async () => {
    // What is in it is the .deb's business; compressing the real one takes ten seconds.
    const executable = join(folder, "small");
    writeFileSync(executable, "#!/bin/sh\n");
    writeFileSync(licensesFileOf(executable), "none\n");
    rpm = await packageOf("rpm", executable);
  });

  test("says what it is and needs", () => {
    const header = readRpmHeader(readFileSync(rpm));
    expect(rpm).toEndWith(`/imgproxy-${packageJson.version}-1.${arch.rpm}.rpm`);
    expect(header).toMatchObject({
      name: "imgproxy",
      version: packageJson.version,
      arch: arch.rpm,
      license: "Apache-2.0",
    });
    expect(header.afterInstall).toContain("systemd-sysusers");
  });

  test("needs exactly what the libraries inside were linked with", async () => {
    const { requires } = readRpmHeader(readFileSync(rpm));
    const host = hostTarget();
    if (host === undefined) throw new Error("this machine is no target");
    const { addon, libvips } = await nativeFiles(root, host);
    const libraries = [addon, libvips].map(({ path }) => readFileSync(path, "latin1")).join("\n");
    for (const family of ["GLIBC", "GLIBCXX", "GCC"]) {
      const versions = [...libraries.matchAll(new RegExp(`\0${family}_([\\d.]+)\0`, "g"))].map(
        (match) => match[1] ?? "",
      );
      const newest = versions.toSorted((one, other) => Bun.semver.order(semantic(one), semantic(other))).at(-1);
      const required = requires.flatMap((text) => new RegExp(`\\(${family}_([\\d.]+)\\)`).exec(text)?.[1] ?? []);
      expect([family, ...required]).toEqual([family, newest ?? ""]);
    }
  });

  test("has its files where Fedora looks for them, and keeps the settings", () => {
    const { files } = readRpmHeader(readFileSync(rpm));
    const licenses = ["LICENSE", "THIRD-PARTY-LICENSES.txt"].map((name) => `/usr/share/licenses/imgproxy/${name}`);
    const others = ["/usr/share/doc/imgproxy/CHANGELOG.md", "/usr/share/zsh/site-functions/_imgproxy"];
    expect(files.map(({ path }) => path).toSorted()).toEqual([...FILES, ...licenses, ...others].toSorted());
    expect(files.filter(({ isKept }) => isKept)).toEqual([
      { path: "/etc/imgproxy/imgproxy.env", mode: "640", isKept: true },
    ]);
    expect(files.find(({ path }) => path === "/usr/bin/imgproxy")?.mode).toBe("755");
  });

  test.if(Bun.which("rpm") !== null)("is what rpm itself finds whole", () => {
    expect(run("rpm", "--checksig", "--nosignature", rpm)).toMatchObject({ status: 0 });
  });
});

test("no package is made of what has not been built", async () => {
  const making = (executable: string, target: string) =>
    makePackage({ root, nfpm: "/bin/false", format: "deb", target, executable, out: folder });
  await expect(making("/no/such/imgproxy", "linux-x64")).rejects.toThrow(
    "/no/such/imgproxy is missing: build the executable first",
  );
  await expect(making(EXECUTABLE, "darwin-arm64")).rejects.toThrow("there are no packages for darwin-arm64");
  await expect(making(EXECUTABLE, target)).rejects.toThrow("nfpm makes no deb");
});
