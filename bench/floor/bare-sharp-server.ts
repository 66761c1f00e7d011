/**
 * What sharp costs without a program around it: one listener, one file read, the shortest pipeline that gives the picture. It checks
 * nothing, so its throughput is the ceiling of every server on this machine.
 *
 *   bun bench/floor/bare-sharp-server.ts PORT FOLDER      sources from a folder
 *   bun bench/floor/bare-sharp-server.ts PORT s3://BUCKET sources from S3, with the keys and the endpoint of the environment
 *
 * Path: /<kind>?<anything>
 */
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import sharp from "sharp";
import { KINDS } from "../work/kinds.ts";
import { WATERMARK_SOURCE } from "../work/sources.ts";

sharp.concurrency(1);
sharp.cache(false);
const [port = "", place = ""] = process.argv.slice(2);
const bucket = place.startsWith("s3://") ? new Bun.S3Client({ bucket: place.slice("s3://".length) }) : undefined;

async function read(name: string): Promise<Buffer> {
  return bucket === undefined ? await readFile(join(place, name)) : Buffer.from(await bucket.file(name).arrayBuffer());
}

const watermark = await sharp(await read(WATERMARK_SOURCE))
  .resize(144, 48, { fit: "fill" })
  .toBuffer();
const kinds = new Map(KINDS.map((kind) => [kind.name, kind]));
const types = {
  jpg: "image/jpeg",
  webp: "image/webp",
  avif: "image/avif",
  png: "image/png",
  gif: "image/gif",
} as const;

const server = createServer(async (request, response) => {
  const kind = kinds.get((request.url ?? "").slice(1).split("?", 1)[0] ?? "");
  if (kind === undefined) {
    response.writeHead(404).end();
    return;
  }
  const result = await kind.bare(await read(kind.source), watermark);
  response.writeHead(200, { "content-type": types[kind.format], "content-length": result.length }).end(result);
});
server.listen(Number(port), "127.0.0.1");
process.on("SIGTERM", () => process.exit(0));
