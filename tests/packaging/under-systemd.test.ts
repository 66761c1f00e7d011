import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import sharp from "sharp";
import { hostTarget } from "../../scripts/build/targets.ts";
import { makePackage } from "../../scripts/package/make-package.ts";
import { findNfpm } from "../../scripts/package/nfpm.ts";
import { EXECUTABLE } from "../support/executable.ts";
import { canBootSystemd, runUnderSystemd } from "../support/systemd-machine.ts";

const root = join(import.meta.dir, "../..");
const nfpm = canBootSystemd() ? await findNfpm(process.env, (line) => console.error(line)) : undefined;

describe.if(nfpm !== undefined)("the package on a machine with systemd", () => {
  let folder: string;
  /** What happened there, told by `fixtures/installed-service.ts`. */
  let found: Record<string, unknown>;
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "imgproxy-systemd-"));
    const shared = join(folder, "shared");
    mkdirSync(shared);
    const image = join(shared, "a.png");
    await sharp({ create: { width: 120, height: 80, channels: 3, background: "#3366cc" } }).toFile(image);
    const deb = await makePackage({
      root,
      nfpm: nfpm ?? "",
      format: "deb",
      target: hostTarget()?.name ?? "",
      executable: EXECUTABLE,
      out: shared,
      isCompressed: false,
    });
    const script = join(import.meta.dir, "fixtures/installed-service.ts");
    const documentation = join(root, "docs/systemd.md");
    const output = await runUnderSystemd(shared, [process.execPath, script, deb, image, documentation]);
    found = await Bun.file(join(shared, "result.json"))
      .json()
      .catch(() => {
        throw new Error(`the machine told nothing: ${output}`);
      });
  }, 120_000);
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  test("is installed without being started: there are no keys yet", () => {
    expect(found).toMatchObject({ installed: { status: 0 }, stateAfterInstall: "disabled inactive" });
  });

  test("keeps its settings from all but its service", () => {
    expect(found["envFile"]).toBe("640 root:imgproxy");
  });

  test("has a unit without fault, and with little exposure", () => {
    expect(found["verify"]).toEqual({ status: 0, out: "" });
    const exposure = Number(/(\d+\.\d+) OK/.exec(String(found["exposure"]))?.[1]);
    const told = Number(/exposure (\d+\.\d+)/.exec(readFileSync(join(root, "docs/systemd.md"), "utf8"))?.[1]);
    expect({ exposure }).toEqual({ exposure: told });
    expect(exposure).toBeLessThan(2.5);
  });

  test("counts as started once it serves", () => {
    expect(found).toMatchObject({
      started: 0,
      stateAfterStart: "enabled active",
      statusText: "serving at http://127.0.0.1:8080",
    });
  });

  test("serves every codec under its restrictions, with a secret that came as a credential", () => {
    expect(found["answers"]).toEqual({
      withoutSecret: "403 text/plain",
      webp: "200 image/webp",
      avif: "200 image/avif",
      jxl: "200 image/jxl",
      fromJxl: "200 image/png",
      fromHost: "200 image/png",
    });
    expect(found["isSecretInEnvironment"]).toBe(false);
  });

  test("runs without any privilege, as its own user, under its own name", () => {
    expect(found["process"]).toEqual({
      Name: "imgproxy",
      Uid: String(found["user"]),
      CapBnd: "0000000000000000",
      NoNewPrivs: "1",
      Seccomp: "2",
    });
  });

  test("unpacks its libraries into its cache", () => {
    expect(found["libraries"]).toEqual([expect.stringMatching(/^\/var\/cache\/imgproxy\/lib\/\w+\/.*libvips-cpp/)]);
  });

  test("takes new settings at a reload, and none that are wrong", () => {
    expect(found).toMatchObject({
      reloadOfWrong: 0,
      afterWrong: "200 image/webp",
      reloadOfRight: 0,
      afterRight: "200 image/webp",
      isSameProcess: true,
    });
  });

  test("does what the documentation offers drop-ins for", () => {
    expect(found["dropIns"]).toEqual({
      port80: 200,
      // The group's members get in, and others do not.
      socket: [0, 1],
      groupWithout: "403 text/plain",
      group: "200 image/webp",
      homeWithout: expect.stringContaining("failed"),
      home: "200 image/webp",
    });
  });

  test("runs as several processes, one of which may be killed", () => {
    expect(found["processes"]).toEqual({
      count: 2,
      statusText: "serving at http://127.0.0.1:8080 with 2 processes",
      isSecretInEnvironment: false,
      isBack: true,
      isSameProcess: true,
      stopped: 0,
      resultOfStop: "success",
      answer: "200 image/webp",
    });
  });

  test("ends what it has begun to answer before it stops, though that takes longer than the unit allows", () => {
    expect(found).toMatchObject({ answerDuringStop: "200 image/webp", resultOfStop: "success" });
  });

  test("is started anew when it shows no life, and only then", () => {
    expect(found).toMatchObject({ restartsWhileAlive: "0", isRestartedByWatchdog: true, restartsAfterHang: "1" });
  });

  test("is restarted by an upgrade, with the settings of the administrator", () => {
    expect(found).toMatchObject({
      upgraded: 0,
      isOtherProcess: true,
      stateAfterUpgrade: "enabled active",
      areSettingsKept: true,
    });
  });

  test("stays disabled or masked through an upgrade", () => {
    expect(found).toMatchObject({
      stateAfterUpgradeOfDisabled: "disabled inactive",
      upgradeOfMasked: 0,
      stateAfterUpgradeOfMasked: "masked inactive",
    });
  });

  test("stops when it is removed, and leaves nothing when it is purged", () => {
    expect(found).toMatchObject({
      stateBeforeRemoval: "enabled active",
      removed: 0,
      isActiveAfterRemoval: "inactive",
      areSettingsThereAfterRemoval: true,
      purged: 0,
      leftAfterPurge: [],
    });
  });
});
