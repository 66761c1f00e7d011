import { type AppError, toAppError } from "../../../errors.ts";
import { type ObjectAddress, printAddress } from "../object-address.ts";
import { Store } from "../store.ts";
import type { CheckReport } from "./report.ts";

/** Reads the object as the server would and, where that fails, tries what a colleague would try next. */
export async function checkObject(
  store: Store,
  address: ObjectAddress,
  bucket: string,
  report: CheckReport,
): Promise<boolean> {
  report.section("Object");
  const started = performance.now();
  const outcome = await readObject(store, address, bucket);
  if (!(outcome instanceof Error)) {
    const ms = Math.round(performance.now() - started);
    report.ok(`${outcome.bytes} bytes of ${outcome.type} in ${ms} ms, from region ${store.regions.regionOf(bucket)}`);
    return true;
  }
  report.fail(outcome.message, outcome.hint);
  report.note(`the server would answer ${outcome.status}`);
  await tryOtherKeys(store, address, bucket, report);
  if (outcome.status === 403) await tryUnsigned(store, address, bucket, report);
  return false;
}

async function readObject(
  store: Store,
  address: ObjectAddress,
  bucket: string,
): Promise<{ readonly bytes: number; readonly type: string } | AppError> {
  try {
    const signal = new AbortController().signal;
    // The deadline of the download ends this, not the signal.
    const { headers, body } = await store.get(address, bucket, { headers: {}, signal });
    let bytes = 0;
    if (body instanceof Uint8Array) bytes = body.length;
    else if (body !== null) for await (const chunk of body) bytes += chunk.length;
    return { bytes, type: headers.get("content-type") ?? "no content type" };
  } catch (error) {
    return toAppError(error);
  }
}

/** Spellings that people mean when they write a key: percent signs decoded, plus signs for spaces, no version. */
async function tryOtherKeys(store: Store, address: ObjectAddress, bucket: string, report: CheckReport): Promise<void> {
  const { key, version } = address;
  const others: ObjectAddress[] = [
    { ...address, key: decoded(key) },
    { ...address, key: key.replaceAll("+", " ") },
    { ...address, version: "" },
    { ...address, version: version.replace(/^versionId=/, "") },
  ];
  for (const other of others) {
    if (other.key === key && other.version === version) continue;
    if (!((await readObject(store, other, bucket)) instanceof Error)) {
      report.note(`${printAddress(other)} can be read: is that the one you mean?`);
    }
  }
}

function decoded(key: string): string {
  try {
    return decodeURIComponent(key);
  } catch {
    return key;
  }
}

async function tryUnsigned(store: Store, address: ObjectAddress, bucket: string, report: CheckReport): Promise<void> {
  if (store.parts.credentials === undefined) return;
  const unsigned = new Store({ ...store.parts, credentials: undefined });
  if ((await readObject(unsigned, address, bucket)) instanceof Error) return;
  report.note("without a signature it can be read: the bucket is public, and IMGPROXY_S3_ANONYMOUS=true would do");
}
