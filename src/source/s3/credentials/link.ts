import type { AwsCredentialIdentity } from "@smithy/types";
import type { Env } from "../settings/s3-config.ts";
import type { AwsCredentials } from "./aws-credentials.ts";
import type { SdkClientOptions } from "./sdk-client.ts";

export type ChainOptions = {
  readonly env: Env;
  readonly client: SdkClientOptions;
  /** A profile of the shared files instead of the one the environment names. */
  readonly profileName?: string;
};

/** What a link says when it is not configured, so that the next one is asked. */
export type Absent = { readonly absent: string };

/** A source of keys. Throws when it is configured and fails: then no other identity may take its place. */
export type Link = {
  readonly source: string;
  load(options: ChainOptions): Promise<AwsCredentials | Absent>;
};

const LINK_TIMEOUT_MS = 15_000;

/** Asks one source, within a time limit. */
export async function tryLink(
  link: Link,
  options: ChainOptions,
): Promise<AwsCredentials | Absent | { readonly error: unknown }> {
  let timer: ReturnType<typeof setTimeout> | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${LINK_TIMEOUT_MS / 1000} s`)), LINK_TIMEOUT_MS);
  });
  try {
    return await Promise.race([link.load(options), tooLate]);
  } catch (error) {
    return { error };
  } finally {
    clearTimeout(timer);
  }
}

/** What the SDK's providers return, in our words. */
export function fromIdentity(identity: AwsCredentialIdentity, source: string): AwsCredentials {
  const { accessKeyId, secretAccessKey, sessionToken, expiration } = identity;
  return {
    accessKeyId,
    secretAccessKey,
    source,
    ...(sessionToken === undefined ? {} : { sessionToken }),
    ...(expiration === undefined ? {} : { expiration }),
  };
}
