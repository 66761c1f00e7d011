import { readFileSync } from "node:fs";
import { join } from "node:path";
import { minioServer } from "../../tests/support/minio.ts";
import type { SourcePlace } from "../measure/contestant.ts";
import { KINDS } from "./kinds.ts";
import { provideSources } from "./sources.ts";

/** Kinds that are measured from S3 as well: those where reading is the largest part, and one where it is not. */
export const S3_KINDS: readonly string[] = ["thumb-jpeg", "thumb-webp", "photo-jpeg", "large-jpeg", "png-alpha"];

export async function folderPlace(): Promise<SourcePlace> {
  return { kind: "folder", folder: await provideSources() };
}

/** A bucket of a MinIO on this machine with all sources in it; the server ends with this process. */
export async function s3Place(): Promise<SourcePlace> {
  const folder = await provideSources();
  const minio = await minioServer();
  const bucket = await minio.createBucket("bench");
  for (const name of new Set(["mark.png", ...KINDS.map((kind) => kind.source)])) {
    await minio.put(bucket, name, readFileSync(join(folder, name)));
  }
  const env = {
    AWS_ACCESS_KEY_ID: minio.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: minio.credentials.secretAccessKey,
    AWS_REGION: minio.region,
    AWS_ENDPOINT: minio.endpoint,
  };
  return { kind: "s3", bucket, env, folder };
}
