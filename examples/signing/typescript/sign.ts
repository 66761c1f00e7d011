/** bun sign.ts KEY SALT PATH; with Deno `deno run`, with Node.js from 22.18 on `node`. */
import { createHmac } from "node:crypto";

/** Path with its signature in front. `key` and `salt` as in IMGPROXY_KEY and IMGPROXY_SALT; `path` begins with a slash. */
export function signPath(key: string, salt: string, path: string): string {
  const hmac = createHmac("sha256", Buffer.from(key, "hex"));
  hmac.update(Buffer.from(salt, "hex")).update(path);
  return `/${hmac.digest("base64url")}${path}`;
}

const [key = "", salt = "", path = ""] = process.argv.slice(2);
console.log(signPath(key, salt, path));
