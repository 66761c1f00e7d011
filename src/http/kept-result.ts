import { ageSeconds } from "../cache/freshness.ts";
import type { ResultFacts, StoredResult } from "../cache/types.ts";
import { parseHttpDate } from "./http-date.ts";
import type { Made, MadeImage } from "./make-image.ts";

type HeaderRecord = Readonly<Record<string, string>>;

/** Of the headers that go to a source, those that ask whether a copy is still good. */
export type Conditions = HeaderRecord;

const CONDITIONS: readonly string[] = ["if-none-match", "if-modified-since"];
/** What decides later how long a result is good and how it is compared. */
const KEPT: readonly string[] = ["etag", "last-modified", "cache-control", "expires", "date", "age"];

/** Parts the headers that go to a source. */
export function splitConditions(headers: HeaderRecord): {
  readonly sourceBound: HeaderRecord;
  readonly conditions: Conditions;
} {
  const isCondition = ([name]: readonly [string, string]) => CONDITIONS.includes(name);
  const entries = Object.entries(headers);
  return {
    sourceBound: Object.fromEntries(entries.filter((entry) => !isCondition(entry))),
    conditions: Object.fromEntries(entries.filter(isCondition)),
  };
}

/** The headers of a source's answer that stay with a result; `passed` are those that go on to clients. */
export function keptHeaders(source: Headers, passed: readonly string[]): HeaderRecord {
  const names = new Set([...KEPT, ...passed.map((name) => name.toLowerCase())]);
  return Object.fromEntries([...source].filter(([name]) => names.has(name)));
}

/** The conditions under which the source need not send again what a result was made from. */
export function conditionsOf({ headers }: ResultFacts): Conditions {
  const { etag, "last-modified": modified } = headers;
  return {
    ...(etag === undefined ? {} : { "if-none-match": etag }),
    ...(modified === undefined ? {} : { "if-modified-since": modified }),
  };
}

/** A finished image as it is kept. `checkedAt`: Unix milliseconds before the source was asked. */
export function toStored(
  { bytes, image, sourceBytes }: MadeImage,
  headers: HeaderRecord,
  checkedAt: number,
): StoredResult {
  const { timings: _, ...facts } = image;
  return { bytes, facts: { ...facts, sourceBytes, headers, checkedAt } };
}

/** A kept result as if it had just been made; or 304 when the client's copy of it is still good. */
export function fromStored({ bytes, facts }: StoredResult, conditions: Conditions): Made {
  const sourceHeaders = new Headers(facts.headers);
  // The age it came with is part of the age that the answer gets.
  const age = ageSeconds(facts, Date.now());
  if (isStillGood(conditions, facts.headers)) return { kind: "not_modified", sourceHeaders, age };
  const { headers: _, checkedAt: __, sourceBytes, ...image } = facts;
  return {
    kind: "image",
    status: 200,
    bytes,
    image: { ...image, timings: {} },
    sourceHeaders,
    sourceBytes,
    error: undefined,
    age,
  };
}

/**
 * Whether the client's copy is the one we would send: its tags decide where there are any (weak comparison, lists and `*` as in
 * RFC 9110, section 13.1.2), else its date.
 */
function isStillGood(conditions: Conditions, kept: HeaderRecord): boolean {
  const tags = conditions["if-none-match"];
  if (tags !== undefined) {
    const own = kept["etag"];
    return tags.trim() === "*" || (own !== undefined && opaqueTags(tags).includes(opaqueTags(own)[0] ?? ""));
  }
  const since = parseHttpDate(conditions["if-modified-since"]);
  const modified = parseHttpDate(kept["last-modified"]);
  return since !== undefined && modified !== undefined && modified <= since;
}

/** The tags of a list without their weakness; one without quotes is taken as it is, as the reference does. */
function opaqueTags(list: string): readonly string[] {
  return list.match(/"[^"]*"/g) ?? [list.trim()];
}
