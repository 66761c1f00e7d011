import type { Refusal } from "../answer/error-document.ts";

/** The region an answer names, and where in the answer it stood. */
export type RegionEvidence = { readonly region: string; readonly from: string };

/** It becomes part of a host name, so nothing else may pass. */
const REGION_NAME = /^[a-z0-9][a-z0-9-]{0,62}$/;

const WRONG_REGION_CODES = new Set(["AuthorizationHeaderMalformed", "IllegalLocationConstraintException"]);

/**
 * Whether an answer says "not in this region": 301 and 307 of AWS, 400 with one of two codes of AWS, MinIO, Ceph and others,
 * and an answer without a body (HEAD) that names another region.
 */
export function isWrongRegion(refusal: Refusal, usedRegion: string): boolean {
  const { status, document, headers } = refusal;
  if (status === 301 || status === 307) return true;
  if (status !== 400) return false;
  if (WRONG_REGION_CODES.has(document.code)) return true;
  const named = headers.get("x-amz-bucket-region");
  return document.code === "" && named !== null && named !== usedRegion;
}

/**
 * Looks for a region in the order of trust: header, `<Region>`, the host in `<Endpoint>`, the host in `Location`. A host is only
 * read for the region in it, never used as one: a signed request to it could hand our signature to anybody.
 */
export function findRegion(refusal: Refusal): RegionEvidence | undefined {
  const { headers, document } = refusal;
  const candidates: readonly (readonly [string, string | undefined | null])[] = [
    ["header x-amz-bucket-region", headers.get("x-amz-bucket-region")],
    ["<Region>", document.region],
    ["<Endpoint>", regionInHost(document.endpoint)],
    ["Location", regionInHost(hostOf(headers.get("location") ?? ""))],
  ];
  for (const [from, region] of candidates) {
    if (region && REGION_NAME.test(region)) return { region, from };
  }
  return undefined;
}

function hostOf(location: string): string {
  return URL.canParse(location) ? new URL(location).hostname : "";
}

/** `bucket.s3.REGION.amazonaws.com`, with `s3-REGION`, `s3.dualstack.REGION` and the global host of us-east-1. */
function regionInHost(host: string): string | undefined {
  const match = /(?:^|\.)s3(?:[.-](?:dualstack\.)?([a-z0-9-]+))?\.amazonaws\.(?:com|com\.cn|eu)$/.exec(host);
  return match === null ? undefined : (match[1] ?? "us-east-1");
}
