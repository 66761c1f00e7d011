import { readFile } from "node:fs/promises";
import { CreateBucketCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { AppError, messageOf } from "../../errors.ts";
import type { MinioCredentials } from "./minio.ts";
import { SAMPLES } from "./samples.ts";

export const SAMPLE_BUCKET = "samples";

/** Puts the samples into a bucket of their own, which is made when missing. Throws `AppError("usage")` when the server refuses. */
export async function fillSampleBucket(server: {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: MinioCredentials;
}): Promise<void> {
  const { endpoint, region, credentials } = server;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    await client.send(new CreateBucketCommand({ Bucket: SAMPLE_BUCKET })).catch((error: unknown) => {
      if (!(error instanceof Error) || error.name !== "BucketAlreadyOwnedByYou") throw error;
    });
    for (const { name, contentType, path } of SAMPLES) {
      const Body = await readFile(path);
      await client.send(new PutObjectCommand({ Bucket: SAMPLE_BUCKET, Key: name, Body, ContentType: contentType }));
    }
  } catch (error) {
    const reason = messageOf(error);
    throw new AppError("usage", `the samples cannot be put into the bucket at ${endpoint}: ${reason}`, {
      cause: error,
    });
  } finally {
    client.destroy();
  }
}
