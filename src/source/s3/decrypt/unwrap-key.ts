import type { KMSClient } from "@aws-sdk/client-kms";
import { BoundedMap } from "../../../bounded-map.ts";
import { AppError } from "../../../errors.ts";
import type { CredentialCache } from "../credentials/credential-cache.ts";
import { reasonOf } from "../credentials/load-error.ts";
import { type SdkClientOptions, sdkClientConfig } from "../credentials/sdk-client.ts";
import type { Envelope } from "./envelope.ts";

/** Asks KMS, in the bucket's region, for the data key of an object. Throws `source_unreachable`: 403 where KMS forbids it. */
export type KeyUnwrapper = (envelope: Envelope, region: string) => Promise<Uint8Array>;

const MAX_REGIONS = 50;

/** Makes an unwrapper that uses the keys of a store; a client of the SDK is kept for each region. */
export function createKeyUnwrapper(
  credentials: CredentialCache,
  client: Omit<SdkClientOptions, "region">,
): KeyUnwrapper {
  const clients = new BoundedMap<KMSClient>({ maxEntries: MAX_REGIONS });
  return async (envelope, region) => {
    const sdk = await import("@aws-sdk/client-kms");
    let kms = clients.get(region);
    if (kms === undefined) {
      const config = await sdkClientConfig({ ...client, region });
      kms = new sdk.KMSClient({ ...config, credentials: async () => await credentials.get() });
      clients.set(region, kms);
    }
    try {
      const { wrappedKey: CiphertextBlob, context: EncryptionContext } = envelope;
      const { Plaintext } = await kms.send(new sdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
      if (Plaintext === undefined) throw new Error("KMS answered without a key");
      return Plaintext;
    } catch (error) {
      const message = `can't decrypt source image: KMS in ${region}: ${reasonOf(error)}`;
      const hint = "The credentials need kms:Decrypt for the key of the object.";
      throw new AppError("source_unreachable", message, { status: statusOf(error), hint });
    }
  };
}

function statusOf(error: unknown): number {
  if (!(error instanceof Error)) return 404;
  if (error.name.includes("AccessDenied")) return 403;
  return "$fault" in error && error.$fault === "server" ? 502 : 404;
}
