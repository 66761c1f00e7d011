import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { hasGo, installGoProgram } from "../go-program.ts";

type Env = Readonly<Record<string, string | undefined>>;

const GO_MODULE = "github.com/goreleaser/nfpm/v2/cmd/nfpm@v2.45.2";

/**
 * The packager: `nfpm` on the PATH, or one built with Go into the user's cache folder; `progress` hears what takes long.
 * Undefined where there is neither.
 */
export async function findNfpm(env: Env, progress: (line: string) => void): Promise<string | undefined> {
  const own = Bun.which("nfpm", { PATH: env["PATH"] ?? "" });
  if (own !== null) return own;
  const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
  const path = join(cache, "imgproxy-bun", "bin", "nfpm-2.45.2");
  if (existsSync(path)) return path;
  if (!(await hasGo())) return undefined;
  await installGoProgram({ module: GO_MODULE, name: "nfpm", path, progress });
  return path;
}
