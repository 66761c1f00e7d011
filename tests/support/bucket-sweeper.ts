/**
 * Removes the buckets that tests have made on a server which outlives them. Runs in a process of its own, hears the names over its
 * standard input, and begins when that ends, which it does however the tests end.
 */
import {
  DeleteBucketCommand,
  DeleteObjectsCommand,
  ListObjectVersionsCommand,
  type ObjectIdentifier,
  S3Client,
} from "@aws-sdk/client-s3";
import type { RemoteMinio } from "../../src/cli/demo/minio.ts";

/** Starts a sweeper for a server and returns how to tell it of a bucket. */
export function startSweeper(server: RemoteMinio): (bucket: string) => void {
  const child = Bun.spawn([process.execPath, import.meta.path], { stdin: "pipe", detached: true });
  child.unref();
  const say = (line: string) => {
    child.stdin.write(`${line}\n`);
    child.stdin.flush();
  };
  say(JSON.stringify(server));
  return say;
}

async function removeBucket(client: S3Client, Bucket: string): Promise<void> {
  for (;;) {
    const page = await client.send(new ListObjectVersionsCommand({ Bucket }));
    const stored = [...(page.Versions ?? []), ...(page.DeleteMarkers ?? [])];
    if (stored.length === 0) break;
    const Objects: ObjectIdentifier[] = stored.map(({ Key = "", VersionId }) =>
      VersionId === undefined ? { Key } : { Key, VersionId },
    );
    await client.send(new DeleteObjectsCommand({ Bucket, Delete: { Objects, Quiet: true } }));
  }
  await client.send(new DeleteBucketCommand({ Bucket }));
}

if (import.meta.main) {
  const lines = (await new Response(Bun.stdin.stream()).text()).split("\n").filter((line) => line !== "");
  const [server = "{}", ...buckets] = lines;
  // Written by `startSweeper` in the line above all others.
  const { endpoint, region, credentials } = JSON.parse(server) as RemoteMinio;
  const client = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  for (const bucket of buckets)
    await removeBucket(client, bucket).catch((error: unknown) => console.error(bucket, error));
}
