import { createHash } from "node:crypto";
import { AppError } from "../../../errors.ts";

/**
 * The headers that open objects encrypted with a customer's key (SSE-C). The key travels in them, so they exist for https only:
 * throws `config` for an endpoint without it.
 */
export function customerKeyHeaders(base64Key: string, endpoint: string | undefined): Readonly<Record<string, string>> {
  if (endpoint?.startsWith("http:")) {
    throw new AppError(
      "config",
      "IMGPROXY_S3_BUCKETS: sseCustomerKey is only sent over https, but the endpoint is http",
      {
        hint: "Give the bucket an https:// endpoint.",
      },
    );
  }
  const md5 = createHash("md5").update(Buffer.from(base64Key, "base64")).digest("base64");
  return {
    "x-amz-server-side-encryption-customer-algorithm": "AES256",
    "x-amz-server-side-encryption-customer-key": base64Key,
    "x-amz-server-side-encryption-customer-key-md5": md5,
  };
}
