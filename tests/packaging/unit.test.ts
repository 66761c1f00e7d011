import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ROWS } from "../../src/config/reading.ts";
import { EXECUTABLE } from "../support/executable.ts";

const packaging = join(import.meta.dir, "../../packaging/systemd");
const read = (name: string) => readFileSync(join(packaging, name), "utf8");
const settings = (text: string, name: string) =>
  [...text.matchAll(/^([A-Za-z]+)=(.*)$/gm)].filter((match) => match[1] === name).map((match) => match[2]);

describe("the unit", () => {
  const unit = read("imgproxy.service");

  test("asks for every secret that works as a credential, and for nothing else", () => {
    const secrets = ROWS.filter(({ row }) => row.isSecret && row.status !== "pending").map(({ row }) => row.env);
    expect(settings(read("credentials.conf"), "LoadCredential").toSorted()).toEqual(secrets.toSorted());
    expect(settings(unit, "LoadCredential")).toEqual([]);
  });

  test("reads the file that a reload reads, too", () => {
    const [file] = settings(unit, "EnvironmentFile");
    expect(settings(unit, "Environment")).toEqual([`IMGPROXY_ENV_LOCAL_FILE_PATH=${file?.replace(/^-/, "")}`]);
  });

  test("is watched and reloaded, and stops no sooner than the default promises", () => {
    expect(settings(unit, "Type")).toEqual(["notify"]);
    expect(settings(unit, "ExecReload")).toEqual(["/bin/kill -HUP $MAINPID"]);
    expect(Number(settings(unit, "WatchdogSec")[0])).toBeGreaterThan(0);
    const grace = ROWS.find(({ row }) => row.env === "IMGPROXY_GRACEFUL_STOP_TIMEOUT")?.row.fallback;
    expect(Number(settings(unit, "TimeoutStopSec")[0])).toBeGreaterThan(Number(grace));
  });

  describe.if(Bun.which("systemd-analyze") !== null)("to systemd-analyze", () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), "imgproxy-unit-"));
      mkdirSync(join(folder, "imgproxy.service.d"));
      cpSync(join(packaging, "credentials.conf"), join(folder, "imgproxy.service.d/credentials.conf"));
      writeFileSync(join(folder, "imgproxy.service"), unit.replace("/usr/bin/imgproxy", EXECUTABLE));
    });
    afterAll(() => rmSync(folder, { recursive: true, force: true }));
    const analyze = (...args: string[]) => {
      // The colon adds the folders that systemd looks into by itself.
      const env = { PATH: process.env["PATH"] ?? "", SYSTEMD_UNIT_PATH: `${folder}:` };
      const { exitCode, stdout, stderr } = Bun.spawnSync(["systemd-analyze", ...args], { env });
      return { status: exitCode, out: stdout.toString(), err: stderr.toString() };
    };

    test("is without fault", () => {
      expect(analyze("verify", "--man=no", join(folder, "imgproxy.service"))).toEqual({ status: 0, out: "", err: "" });
    });

    test("is as little exposed as the documentation says, and less than 2.5", () => {
      const { out } = analyze("security", "--offline=true", "--no-pager", join(folder, "imgproxy.service"));
      const exposure = Number(/exposure level for imgproxy.service: (\d+\.\d+)/.exec(out)?.[1]);
      const told = /exposure (\d+\.\d+)/.exec(readFileSync(join(packaging, "../../docs/systemd.md"), "utf8"))?.[1];
      expect({ exposure }).toEqual({ exposure: Number(told) });
      expect(exposure).toBeLessThan(2.5);
    });
  });
});
