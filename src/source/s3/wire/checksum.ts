import { createHash } from "node:crypto";
import { Crc32, Crc32c, Crc64Nvme } from "@aws-sdk/checksums/crc";

/** Takes the bytes of a body one after the other and tells at the end whether they are the stored ones. */
export type ChecksumVerifier = {
  /** For messages, e.g. `sha256`. */
  readonly algorithm: string;
  update(chunk: Uint8Array): void;
  isMatch(): Promise<boolean>;
};

type Digest = { update(chunk: Uint8Array): unknown; digest(): Uint8Array | Promise<Uint8Array> };

/** Strongest first. */
const ALGORITHMS: Readonly<Record<string, () => Digest>> = {
  sha256: () => createHash("sha256"),
  sha1: () => createHash("sha1"),
  crc64nvme: () => new Crc64Nvme(),
  crc32c: () => new Crc32c(),
  crc32: () => new Crc32(),
};

/**
 * The verifier for the checksum that S3 stored with a whole object, or undefined when there is none to verify. A value that
 * ends in `-3` is one over the parts of an upload, not over the body, and cannot be verified.
 */
export function checksumVerifier(headers: Headers): ChecksumVerifier | undefined {
  for (const [algorithm, create] of Object.entries(ALGORITHMS)) {
    const expected = headers.get(`x-amz-checksum-${algorithm}`);
    if (expected === null || /-\d+$/.test(expected)) continue;
    const digest = create();
    return {
      algorithm,
      update: (chunk) => void digest.update(chunk),
      isMatch: async () => Buffer.from(await digest.digest()).toString("base64") === expected,
    };
  }
  return undefined;
}
