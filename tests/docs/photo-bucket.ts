import sharp from "sharp";
import { minioServer, type TestMinio } from "../support/minio.ts";

/** What every page takes for granted: a bucket `photos` with `cat.jpg` in it, which anybody may read. */
export const PHOTO_BUCKET = "photos";

const filled = new Map<string, Promise<TestMinio>>();

/** A store of this region with the bucket in it; made once a process. */
export function minioWithPhotos(region: string): Promise<TestMinio> {
  let minio = filled.get(region);
  if (minio === undefined) {
    minio = fill(region);
    filled.set(region, minio);
  }
  return minio;
}

async function fill(region: string): Promise<TestMinio> {
  const minio = await minioServer(region);
  await minio.createBucket(PHOTO_BUCKET, { name: PHOTO_BUCKET, isPublic: true });
  await minio.put(PHOTO_BUCKET, "cat.jpg", await photograph(), { ContentType: "image/jpeg" });
  return minio;
}

/** Something to look at, 900 × 700. */
export async function photograph(): Promise<Uint8Array> {
  const noise = { type: "gaussian", mean: 128, sigma: 30 } as const;
  return sharp({ create: { width: 900, height: 700, channels: 3, background: "#c96", noise } })
    .jpeg()
    .toBuffer();
}
