/**
 * Reads an object in a process of its own, for settings that count from the start of a process (proxies, authorities):
 * `bun tests/support/s3-probe.ts URL [TIMES]` with everything else in the environment. Prints JSON.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "../../src/config/config.ts";
import { readEnvironment } from "../../src/config/environment.ts";
import { AppError } from "../../src/errors.ts";
import { readBody } from "../../src/source/read-body.ts";
import { createS3Source } from "../../src/source/s3/s3-source.ts";
import type { SourceUrl } from "../../src/source/types.ts";
import { noMetrics, silentLogger } from "../../src/telemetry/types.ts";

export type ProbeResult = { readonly statuses: readonly number[]; readonly messages: readonly string[] };

if (import.meta.main) {
  const [url = "", times = "1"] = process.argv.slice(2);
  const { variables, file } = readEnvironment();
  const { config } = loadConfig(variables, { file });
  const source = createS3Source(config, { logger: silentLogger, metrics: noMetrics, env: variables });
  const signal = new AbortController().signal;
  const statuses: number[] = [];
  const messages: string[] = [];
  for (let time = 0; time < Number(times); time++) {
    try {
      // The address comes from the test that started us.
      const response = await source.fetch({ url: url as SourceUrl, headers: {}, signal });
      await readBody(response, { maxBytes: 0, signal });
      statuses.push(response.status);
    } catch (error) {
      if (!(error instanceof AppError)) throw error;
      statuses.push(error.status);
      messages.push(error.message);
    }
  }
  console.log(JSON.stringify({ statuses, messages } satisfies ProbeResult));
  await source.close();
}

/** Runs the probe with exactly this environment, but a home folder of its own, since the runtime keeps things there. */
export async function probe(url: string, env: Readonly<Record<string, string>>, times = 1): Promise<ProbeResult> {
  const home = mkdtempSync(join(tmpdir(), "s3-probe-"));
  const child = Bun.spawn([process.execPath, import.meta.path, url, String(times)], {
    env: { ...env, HOME: home },
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  rmSync(home, { recursive: true, force: true });
  if (out === "") throw new Error(`the probe said nothing: ${err}`);
  // Our own output, checked by nobody but the tests.
  return JSON.parse(out) as ProbeResult;
}
