import { byteSize } from "../types/byte-size-type.ts";
import { cacheLayers } from "../types/cache-layers-type.ts";
import { csv } from "../types/list-types.ts";
import { int } from "../types/number-types.ts";
import { bool, text } from "../types/text-types.ts";
import { optional, variable } from "../variable.ts";

const MEBIBYTE = 2 ** 20;
const GIBIBYTE = 2 ** 30;

/** Where results are kept, how long, and what tells one from another. Off until IMGPROXY_CACHE_USE is set. */
export const CACHE_VARIABLES = {
  cacheUse: variable("IMGPROXY_CACHE_USE", cacheLayers, [], {
    doc: "Where results are kept: `memory`, `fs` (a folder), `s3` (a bucket that many servers share), or several, such as `memory,fs`. Blank keeps none. See docs/caching.md.",
    needsRestart: true,
  }),
  cacheTtlSeconds: optional("IMGPROXY_CACHE_TTL", int({ min: 0 }), {
    doc: "Seconds after which a kept result is compared with its source again; 0 compares every time. A shorter lifetime that the source names counts with IMGPROXY_CACHE_CONTROL_PASSTHROUGH.",
    defaultText: "as long as clients may keep it",
  }),
  cacheMemorySizeBytes: variable("IMGPROXY_CACHE_MEMORY_SIZE", byteSize({ min: MEBIBYTE }), 128 * MEBIBYTE, {
    doc: "With `memory`: most memory that results may take.",
    needsRestart: true,
  }),
  cacheFsRoot: variable("IMGPROXY_CACHE_FS_ROOT", text, "", {
    doc: "With `fs`: folder for the results, made when it is missing. Blank takes the one that systemd's `CacheDirectory=` gives.",
    alternates: ["CACHE_DIRECTORY"],
    needsRestart: true,
  }),
  cacheFsSizeBytes: variable("IMGPROXY_CACHE_FS_SIZE", byteSize({ min: MEBIBYTE }), 10 * GIBIBYTE, {
    doc: "With `fs`: most room that results may take on the disk; the ones not asked for longest go first.",
    needsRestart: true,
  }),
  cacheBucket: variable("IMGPROXY_CACHE_BUCKET", text, "", {
    doc: "With `s3`: bucket for the results. With `fs`: a folder below the root.",
    needsRestart: true,
  }),
  cachePathPrefix: variable("IMGPROXY_CACHE_PATH_PREFIX", text, "", {
    doc: "Put before the names of kept results; servers that must not share results need different ones.",
    needsRestart: true,
  }),
  cacheS3Region: variable("IMGPROXY_CACHE_S3_REGION", text, "", {
    doc: "Region of the bucket; blank = AWS_REGION, AWS_DEFAULT_REGION, the profile's region, then us-west-1.",
    needsRestart: true,
  }),
  cacheS3Endpoint: variable("IMGPROXY_CACHE_S3_ENDPOINT", text, "", {
    doc: "URL of a compatible store such as MinIO.",
    needsRestart: true,
  }),
  cacheS3EndpointUsePathStyle: variable("IMGPROXY_CACHE_S3_ENDPOINT_USE_PATH_STYLE", bool, true, {
    doc: "With IMGPROXY_CACHE_S3_ENDPOINT: the bucket is in the path (`true`) or in the host name (`false`).",
    needsRestart: true,
  }),
  cacheS3AssumeRoleArn: variable("IMGPROXY_CACHE_S3_ASSUME_ROLE_ARN", text, "", {
    doc: "Role to assume for the bucket.",
    needsRestart: true,
  }),
  cacheS3AssumeRoleExternalId: variable("IMGPROXY_CACHE_S3_ASSUME_ROLE_EXTERNAL_ID", text, "", {
    doc: "External id for that role.",
    isSecret: true,
    needsRestart: true,
  }),
  cacheKeyHeaders: variable("IMGPROXY_CACHE_KEY_HEADERS", csv, [], {
    doc: "Request headers whose values tell results apart.",
    defaultText: "all that go along to the source",
  }),
  cacheKeyCookies: variable("IMGPROXY_CACHE_KEY_COOKIES", csv, [], {
    doc: "Cookies whose values tell results apart.",
    defaultText: "all that go along to the source",
  }),
  cacheAllowNoCache: variable("IMGPROXY_CACHE_ALLOW_NO_CACHE", bool, false, {
    doc: "Let clients have a kept result compared with its source by `Cache-Control: no-cache`.",
  }),
  allowBypassCache: variable("IMGPROXY_ALLOW_BYPASS_CACHE", bool, false, {
    doc: "Allow the `bypass_cache` option.",
  }),
  cacheReportErrors: variable("IMGPROXY_CACHE_REPORT_ERRORS", bool, false, {
    doc: "Log faults of the kept results as errors instead of warnings. They never fail a request.",
    needsRestart: true,
  }),
};
