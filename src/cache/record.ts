import { createHash, timingSafeEqual } from "node:crypto";
import { IMAGE_FORMATS, type ImageFormat } from "../formats.ts";
import { type CacheKey, MAX_KEPT_BYTES, type ResultFacts, type StoredResult } from "./types.ts";

/** A record that is not what was written: cut off, changed, in another place, or of another version. Stores throw it away. */
export class CorruptRecord extends Error {
  override readonly name = "CorruptRecord";
}

/*
 * One record is one file or object: a head of fixed size, the facts as JSON, the image.
 *   0  magic with the version of the layout
 *   8  length of the JSON, length of the image: 32-bit, little-endian
 *  16  SHA-256 of the head so far, the JSON and the image
 */
const MAGIC = Buffer.from("imgres1\n", "latin1");
const HEAD_BYTES = 48;
const DIGEST_AT = 16;
const MAX_FACTS_BYTES = 1024 * 1024;
/** Hashing takes 0.7 ms a megabyte (2 cores, EPYC): between pieces of this size others get their turn. */
const PIECE_BYTES = 1024 * 1024;

/** The largest record that can be one, for those who look at a file before they read it. */
export const MAX_RECORD_BYTES = HEAD_BYTES + MAX_FACTS_BYTES + MAX_KEPT_BYTES;

/** A record in two parts, so that the image need not be copied to be written. */
export async function encodeRecord(key: CacheKey, { bytes, facts }: StoredResult): Promise<[Buffer, Uint8Array]> {
  // The key is in it, so that a record under a wrong name is not taken for a right one.
  const json = Buffer.from(JSON.stringify({ key, ...facts }));
  const start = Buffer.alloc(HEAD_BYTES + json.length);
  MAGIC.copy(start);
  start.writeUInt32LE(json.length, 8);
  start.writeUInt32LE(bytes.length, 12);
  json.copy(start, HEAD_BYTES);
  (await digest(start, json, bytes)).copy(start, DIGEST_AT);
  return [start, bytes];
}

/** Reads a record, checking every byte of it. The image is a view of `record`. Throws `CorruptRecord`. */
export async function decodeRecord(key: CacheKey, record: Uint8Array): Promise<StoredResult> {
  const view = Buffer.from(record.buffer, record.byteOffset, record.byteLength);
  if (view.length < HEAD_BYTES || !view.subarray(0, MAGIC.length).equals(MAGIC)) throw new CorruptRecord("no record");
  const imageAt = HEAD_BYTES + view.readUInt32LE(8);
  if (view.length !== imageAt + view.readUInt32LE(12)) throw new CorruptRecord("wrong length");
  const json = view.subarray(HEAD_BYTES, imageAt);
  const bytes = record.subarray(imageAt);
  const expected = view.subarray(DIGEST_AT, HEAD_BYTES);
  if (!timingSafeEqual(await digest(view, json, bytes), expected)) throw new CorruptRecord("wrong checksum");
  const facts = readFacts(key, json);
  if (facts === undefined) throw new CorruptRecord("of another image");
  return { bytes, facts };
}

async function digest(start: Buffer, json: Buffer, bytes: Uint8Array): Promise<Buffer> {
  const hash = createHash("sha256").update(start.subarray(0, DIGEST_AT)).update(json);
  for (let at = 0; at < bytes.length; at += PIECE_BYTES) {
    if (at > 0) await new Promise((resolve) => setImmediate(resolve));
    hash.update(bytes.subarray(at, at + PIECE_BYTES));
  }
  return hash.digest();
}

/** The checksum has shown that it is what some version of this program wrote; which one, the members show. */
function readFacts(key: CacheKey, json: Buffer): ResultFacts | undefined {
  const facts: unknown = JSON.parse(json.toString("utf8"));
  if (typeof facts !== "object" || facts === null || !("key" in facts) || facts.key !== key) return undefined;
  const { key: _, ...rest } = facts;
  return isFacts(rest) ? rest : undefined;
}

const NUMBERS = ["width", "height", "frames", "sourceWidth", "sourceHeight", "sourceBytes", "checkedAt"] as const;

function isFacts(value: object): value is ResultFacts {
  const members = new Map<string, unknown>(Object.entries(value));
  const headers = members.get("headers");
  return (
    isFormat(members.get("format")) &&
    typeof members.get("isSource") === "boolean" &&
    NUMBERS.every((name) => Number.isFinite(members.get(name))) &&
    typeof headers === "object" &&
    headers !== null &&
    Object.values(headers).every((text) => typeof text === "string")
  );
}

function isFormat(name: unknown): name is ImageFormat {
  return typeof name === "string" && Object.hasOwn(IMAGE_FORMATS, name);
}
