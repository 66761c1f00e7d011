import { afterAll, beforeAll } from "bun:test";
import { mkdtempSync, readdirSync, readlinkSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bindCachedFiles } from "../../../src/native/cached-files.ts";
import { createLocalSource } from "../../../src/source/local/local-source.ts";
import { describeSourceContract, type SourceStand } from "../../contract/source-contract.ts";
import { patternBytes } from "../../support/pattern-bytes.ts";

let root = "";
let stand: SourceStand | undefined;

/** Descriptors of this process that point below the root; Linux only, elsewhere 0. */
function openFiles(): number {
  if (process.platform !== "linux") return 0;
  return readdirSync("/proc/self/fd").filter((fd) => {
    try {
      return readlinkSync(`/proc/self/fd/${fd}`).startsWith(`${root}/`);
    } catch {
      return false;
    }
  }).length;
}

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "local-contract-"));
  const small = patternBytes(5000);
  const large = patternBytes(6_000_000);
  writeFileSync(join(root, "small.bin"), small);
  writeFileSync(join(root, "large.bin"), large);
  stand = {
    source: createLocalSource({ localFilesystemRoot: root, sourceUrlQuerySeparator: "?" }, bindCachedFiles()),
    small: { url: "local:///small.bin", bytes: small },
    large: { url: "local:///large.bin", bytes: large },
    missingUrl: "local:///missing.bin",
    openBodies: openFiles,
  };
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

describeSourceContract("local", () => {
  if (stand === undefined) throw new Error("not started");
  return stand;
});
