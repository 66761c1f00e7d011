import type { AwsCredentials } from "./aws-credentials.ts";
import { type Absent, type ChainOptions, fromIdentity } from "./link.ts";
import { sdkRequestHandler } from "./sdk-client.ts";
import { type Profile, readSharedFiles } from "./shared-files.ts";

/** Keys in a file may be replaced by other ones at any time; reading them again costs less than a millisecond. */
const REREAD_MS = 60_000;

type ProfileKind = {
  /** For people. */
  readonly label: string;
  readonly isKind: (profile: Profile) => boolean;
};

/** In the order in which a profile is read, so that the first that fits is the one that counts. */
const KINDS: readonly ProfileKind[] = [
  { label: "role over source profile", isKind: has("role_arn", "source_profile") },
  { label: "role over credential source", isKind: has("role_arn", "credential_source") },
  { label: "keys", isKind: has("aws_access_key_id", "aws_secret_access_key") },
  { label: "web identity", isKind: has("role_arn", "web_identity_token_file") },
  { label: "process", isKind: has("credential_process") },
  { label: "SSO session", isKind: has("sso_session") },
  { label: "SSO", isKind: has("sso_start_url") },
  { label: "login session", isKind: has("login_session") },
];

/** Keys of a profile in the shared files. */
export async function loadProfile(options: ChainOptions): Promise<AwsCredentials | Absent> {
  const files = await readSharedFiles(options.env, options.profileName);
  const { profile, profileName, credentialsPath, configPath } = files;
  if (profile === undefined) {
    const missing = `no profile "${profileName}" in ${credentialsPath} or ${configPath}`;
    if (files.isNamed) throw new Error(missing);
    return { absent: missing };
  }
  const kind = KINDS.find(({ isKind }) => isKind(profile));
  if (kind === undefined) return { absent: `profile "${profileName}" holds no credentials` };
  const { fromIni } = await import("@aws-sdk/credential-providers");
  const load = fromIni({
    profile: profileName,
    filepath: credentialsPath,
    configFilepath: configPath,
    ignoreCache: true,
    // As the parent's: SSO then keeps the region of its profile, and an STS endpoint stays with the STS.
    parentClientConfig: { region: options.client.region, requestHandler: await sdkRequestHandler(options.client.tls) },
  });
  try {
    const credentials = fromIdentity(await load(), `profile "${profileName}" (${kind.label})`);
    return kind.label === "keys" ? { ...credentials, rereadAfterMs: REREAD_MS } : credentials;
  } catch (error) {
    throw kind.label === "process" ? withoutCommand(error) : error;
  }
}

function has(...names: readonly string[]): (profile: Profile) => boolean {
  return (profile) => names.every((name) => profile[name] !== undefined);
}

/** The message of a failed process quotes its command line and output, where secrets may stand. */
function withoutCommand(error: unknown): Error {
  const code = error instanceof Error && /returned (Version|invalid|expired)|did not return/.exec(error.message)?.[0];
  const what = code ? error.message : "the command failed; run it by hand to see why";
  return new Error(`credential_process: ${what}`);
}
