import { access } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Env } from "../settings/s3-config.ts";

/** One profile: names as in the files, values as text. */
export type Profile = Readonly<Record<string, string | undefined>>;

/** The shared files and the profile that the environment chooses. */
export type SharedFiles = {
  readonly credentialsPath: string;
  readonly configPath: string;
  readonly profileName: string;
  /** Whether the environment names the profile, so that its absence is a mistake. */
  readonly isNamed: boolean;
  /** Undefined where neither file has it. */
  readonly profile: Profile | undefined;
  /** The section of endpoints that the profile names with `services`; names such as `s3.endpoint_url`. */
  readonly services: Profile | undefined;
};

/** Reads `~/.aws/credentials` and `~/.aws/config`, or the files the environment names, anew each time. Missing files are empty. */
export async function readSharedFiles(env: Env, profileName?: string): Promise<SharedFiles> {
  const folder = join(env["HOME"] || homedir(), ".aws");
  const credentialsPath = env["AWS_SHARED_CREDENTIALS_FILE"] || join(folder, "credentials");
  const configPath = env["AWS_CONFIG_FILE"] || join(folder, "config");
  const named = profileName || env["AWS_PROFILE"] || env["AWS_DEFAULT_PROFILE"];
  const found = {
    credentialsPath,
    configPath,
    profileName: named || "default",
    isNamed: named !== undefined && named !== "",
  };
  if (!(await exists(credentialsPath)) && !(await exists(configPath)))
    return { ...found, profile: undefined, services: undefined };
  const { parseKnownFiles } = await import("@smithy/core/config");
  const profiles = await parseKnownFiles({ filepath: credentialsPath, configFilepath: configPath, ignoreCache: true });
  const profile = profiles[found.profileName];
  return { ...found, profile, services: profiles[`services.${profile?.["services"]}`] };
}

async function exists(path: string): Promise<boolean> {
  return await access(path).then(
    () => true,
    () => false,
  );
}
