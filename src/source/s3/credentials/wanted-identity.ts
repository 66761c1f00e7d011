import type { S3BucketSettings } from "../../../config/types/s3-bucket-type.ts";
import type { Role } from "./assume-role.ts";
import type { SdkClientOptions } from "./sdk-client.ts";

/** As whom a store is read. */
export type WantedIdentity = {
  /** Keys or a profile of its own; nothing set = those of the environment's chain. */
  readonly keys: Pick<S3BucketSettings, "accessKeyId" | "secretAccessKey" | "sessionToken" | "profile">;
  /** The role to assume with them; an empty ARN = none. */
  readonly role: Role;
  /** How the STS is asked. */
  readonly client: SdkClientOptions;
};
