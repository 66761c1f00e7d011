import { csv } from "../types/list-types.ts";
import { int, seconds } from "../types/number-types.ts";
import { bool, text } from "../types/text-types.ts";
import { variable } from "../variable.ts";

/** Object stores other than S3. */
export const CLOUD_VARIABLES = {
  useGcs: variable("IMGPROXY_USE_GCS", bool, false, {
    doc: "Turn on `gs://` sources (Google Cloud Storage).",
    status: "pending",
  }),
  gcsKey: variable("IMGPROXY_GCS_KEY", text, "", {
    doc: "Service account key, as JSON.",
    isSecret: true,
    status: "pending",
  }),
  gcsEndpoint: variable("IMGPROXY_GCS_ENDPOINT", text, "", { doc: "URL of a compatible store.", status: "pending" }),
  gcsAllowedBuckets: variable("IMGPROXY_GCS_ALLOWED_BUCKETS", csv, [], {
    doc: "The only buckets that may be read. Blank allows all.",
    defaultText: "all",
    status: "pending",
  }),
  gcsDeniedBuckets: variable("IMGPROXY_GCS_DENIED_BUCKETS", csv, [], {
    doc: "Buckets that may not be read.",
    status: "pending",
  }),
  useAbs: variable("IMGPROXY_USE_ABS", bool, false, {
    doc: "Turn on `abs://` sources (Azure Blob Storage).",
    status: "pending",
  }),
  absName: variable("IMGPROXY_ABS_NAME", text, "", {
    doc: "Account name; needed with IMGPROXY_USE_ABS.",
    status: "pending",
  }),
  absKey: variable("IMGPROXY_ABS_KEY", text, "", { doc: "Account key.", isSecret: true, status: "pending" }),
  absEndpoint: variable("IMGPROXY_ABS_ENDPOINT", text, "", { doc: "URL of a compatible store.", status: "pending" }),
  absAllowedBuckets: variable("IMGPROXY_ABS_ALLOWED_BUCKETS", csv, [], {
    doc: "The only containers that may be read. Blank allows all.",
    defaultText: "all",
    status: "pending",
  }),
  absDeniedBuckets: variable("IMGPROXY_ABS_DENIED_BUCKETS", csv, [], {
    doc: "Containers that may not be read.",
    status: "pending",
  }),
  useSwift: variable("IMGPROXY_USE_SWIFT", bool, false, {
    doc: "Turn on `swift://` sources (OpenStack).",
    status: "pending",
  }),
  swiftUsername: variable("IMGPROXY_SWIFT_USERNAME", text, "", { doc: "User.", status: "pending" }),
  swiftApiKey: variable("IMGPROXY_SWIFT_API_KEY", text, "", { doc: "API key.", isSecret: true, status: "pending" }),
  swiftAuthUrl: variable("IMGPROXY_SWIFT_AUTH_URL", text, "", {
    doc: "URL of the identity service.",
    status: "pending",
  }),
  swiftAuthVersion: variable("IMGPROXY_SWIFT_AUTH_VERSION", int(), 0, {
    doc: "Version of the identity service: 1, 2 or 3; 0 finds out.",
    status: "pending",
  }),
  swiftTenant: variable("IMGPROXY_SWIFT_TENANT", text, "", { doc: "Tenant (version 2).", status: "pending" }),
  swiftDomain: variable("IMGPROXY_SWIFT_DOMAIN", text, "", { doc: "Domain (version 3).", status: "pending" }),
  swiftTimeoutSeconds: variable("IMGPROXY_SWIFT_TIMEOUT_SECONDS", seconds({}), 60, {
    doc: "Limit for data transfers.",
    status: "pending",
  }),
  swiftConnectTimeoutSeconds: variable("IMGPROXY_SWIFT_CONNECT_TIMEOUT_SECONDS", seconds({}), 10, {
    doc: "Limit for connecting.",
    status: "pending",
  }),
  swiftAllowedBuckets: variable("IMGPROXY_SWIFT_ALLOWED_BUCKETS", csv, [], {
    doc: "The only containers that may be read. Blank allows all.",
    defaultText: "all",
    status: "pending",
  }),
  swiftDeniedBuckets: variable("IMGPROXY_SWIFT_DENIED_BUCKETS", csv, [], {
    doc: "Containers that may not be read.",
    status: "pending",
  }),
};
