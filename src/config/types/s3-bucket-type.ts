import { readFileSync } from "node:fs";
import { bad, good, type Parsed, type ValueType } from "./value-type.ts";

/** Settings of a bucket, or of all buckets that match a pattern; what is not given is inherited from the general S3 settings. */
export type S3BucketSettings = {
  readonly region?: string;
  readonly endpoint?: string;
  readonly pathStyle?: boolean;
  readonly accelerate?: boolean;
  readonly accessKeyId?: string;
  readonly secretAccessKey?: string;
  readonly sessionToken?: string;
  /** A profile of the shared files to take the keys from. */
  readonly profile?: string;
  readonly roleArn?: string;
  readonly externalId?: string;
  readonly anonymous?: boolean;
  readonly requestPayer?: "requester";
  /** Key of objects that are encrypted with a key of the customer (SSE-C): 32 bytes in base64. */
  readonly sseCustomerKey?: string;
};

const FIELDS = {
  region: "string",
  endpoint: "string",
  pathStyle: "boolean",
  accelerate: "boolean",
  accessKeyId: "string",
  secretAccessKey: "string",
  sessionToken: "string",
  profile: "string",
  roleArn: "string",
  externalId: "string",
  anonymous: "boolean",
  requestPayer: "string",
  sseCustomerKey: "string",
} as const satisfies Record<keyof S3BucketSettings, "string" | "boolean">;

/**
 * A JSON object, bucket or pattern with `*` → settings, or the path of a file that holds one. Reasons count buckets instead of
 * quoting anything, since the text holds keys.
 */
export const s3Buckets: ValueType<ReadonlyMap<string, S3BucketSettings>> = {
  name: "JSON",
  expected: `a JSON object of buckets, or the path of a file with one, each bucket an object with any of ${Object.keys(FIELDS).join(", ")}`,
  parse: (text) => {
    const content = text.trimStart().startsWith("{") ? text : readTextFile(text);
    if (content === undefined) return bad("it is neither a JSON object nor a file that can be read");
    const json = readJson(content);
    if (!isObject(json)) return bad("it is not a JSON object");
    const buckets = new Map<string, S3BucketSettings>();
    for (const [index, [bucket, fields]] of Object.entries(json).entries()) {
      const settings = readSettings(`bucket ${index + 1}`, fields);
      if (!settings.isGood) return settings;
      buckets.set(bucket, settings.value);
    }
    return good(buckets);
  },
  print: (buckets) => JSON.stringify(Object.fromEntries(buckets)),
};

function readSettings(subject: string, fields: unknown): Parsed<S3BucketSettings> {
  if (!isObject(fields)) return bad(`${subject} is not an object`);
  for (const [name, value] of Object.entries(fields)) {
    if (!isField(name)) return bad(`${subject} has an unknown field`);
    if (typeof value !== FIELDS[name]) return bad(`${name} of ${subject} is not a ${FIELDS[name]}`);
    if (name === "requestPayer" && value !== "requester")
      return bad(`requestPayer of ${subject} can only be "requester"`);
  }
  const { sseCustomerKey } = fields;
  if (typeof sseCustomerKey === "string" && Buffer.from(sseCustomerKey, "base64").length !== 32) {
    return bad(`sseCustomerKey of ${subject} is not 32 bytes in base64`);
  }
  if ("accessKeyId" in fields !== "secretAccessKey" in fields) {
    return bad(`${subject} needs both accessKeyId and secretAccessKey`);
  }
  // Every field has just been checked to be a known one of the right type.
  return good(fields as S3BucketSettings);
}

function isField(name: string): name is keyof typeof FIELDS {
  return Object.hasOwn(FIELDS, name);
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function readTextFile(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined;
  }
}

function readJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
