import type { AwsCredentials } from "./aws-credentials.ts";
import { type ChainOptions, type Link, tryLink } from "./link.ts";
import { type FailedSource, noCredentialsError, reasonOf } from "./load-error.ts";
import { loadProfile } from "./profile-credentials.ts";
import { loadContainer, loadEnvironment, loadInstanceMetadata, loadWebIdentity } from "./service-credentials.ts";

/** In the order of the SDK for Go, which the reference uses: environment, web identity, shared files, container, machine. */
export const CHAIN: readonly Link[] = [
  { source: "environment", load: loadEnvironment },
  { source: "web identity", load: loadWebIdentity },
  { source: "shared files", load: loadProfile },
  { source: "container", load: loadContainer },
  { source: "instance metadata", load: loadInstanceMetadata },
];

/** Asks one source after the other. Throws `AppError` that names each with its reason. Nothing is cached here. */
export async function loadFromChain(options: ChainOptions): Promise<AwsCredentials> {
  const failed: FailedSource[] = [];
  for (const link of options.profileName === undefined ? CHAIN : PROFILE_ONLY) {
    const found = await tryLink(link, options);
    if ("accessKeyId" in found) return found;
    if ("error" in found)
      throw noCredentialsError([{ source: link.source, reason: reasonOf(found.error) }], found.error);
    failed.push({ source: link.source, reason: found.absent });
  }
  throw noCredentialsError(failed);
}

const PROFILE_ONLY: readonly Link[] = CHAIN.filter((link) => link.load === loadProfile);
