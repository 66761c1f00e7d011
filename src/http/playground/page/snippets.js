/**
 * Code that uses a URL, ready to be pasted. With keys, server-side snippets sign the path themselves, with key and salt from
 * the environment; markup gets URLs that this server has signed.
 *
 * @typedef {{
 *   origin: string, target: string, path: string, isSigned: boolean, prefix: string, options: readonly string[],
 *   mime: string, width: number, height: number, signatureSize: number,
 *   urlOf: (variation: { format?: string, dpr?: number }) => Promise<string>,
 * }} SnippetFacts
 * @typedef {{ name: string, title: string, write: (facts: SnippetFacts) => string | Promise<string> }} Snippet
 */

const DENSITIES = [1, 2, 3];

/** @param {string} text */
const attribute = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;");
/** @param {string} text */
const shellWord = (text) => `'${text.replaceAll("'", "'\\''")}'`;
/** A literal of C-like languages. @param {string} text */
const quoted = (text) => JSON.stringify(text);
/** Double quotes would let Ruby and PHP look for variables. @param {string} text */
const single = (text) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

/** @param {SnippetFacts} facts */
const base = ({ origin, prefix }) => origin + prefix;

/**
 * @param {SnippetFacts} facts
 * @param {string} [format]
 */
async function sourceSet({ urlOf }, format) {
  const urls = await Promise.all(
    DENSITIES.map((dpr) => urlOf({ ...(format === undefined ? {} : { format }), ...(dpr === 1 ? {} : { dpr }) })),
  );
  return urls.map((url, index) => `${attribute(url)} ${DENSITIES[index]}x`).join(",\n    ");
}

/** @type {readonly Snippet[]} */
export const SNIPPETS = [
  { name: "curl", title: "curl", write: ({ origin, target }) => `curl -sS -o image ${shellWord(origin + target)}` },
  {
    name: "img",
    title: "HTML <img srcset>",
    write: async (facts) => `<img
  src="${attribute(facts.origin + facts.target)}"
  srcset="
    ${await sourceSet(facts)}"
  width="${facts.width}" height="${facts.height}" alt="" loading="lazy" decoding="async">`,
  },
  {
    name: "picture",
    title: "HTML <picture>",
    write: async (facts) => `<picture>
  <source type="image/avif" srcset="
    ${await sourceSet(facts, "avif")}">
  <source type="image/webp" srcset="
    ${await sourceSet(facts, "webp")}">
  <img
    src="${attribute(await facts.urlOf({ format: "jpeg" }))}"
    width="${facts.width}" height="${facts.height}" alt="" loading="lazy" decoding="async">
</picture>`,
  },
  {
    name: "css",
    title: "CSS",
    write: async ({ origin, target, urlOf }) => `background-image: image-set(
  url(${quoted(origin + target)}) 1x,
  url(${quoted(await urlOf({ dpr: 2 }))}) 2x
);`,
  },
  {
    name: "typescript",
    title: "TypeScript",
    write: (facts) =>
      facts.isSigned
        ? `import { createHmac } from "node:crypto";

const hex = (name: string) => Buffer.from(process.env[name] ?? "", "hex");

function imageUrl(path: string): string {
  const hmac = createHmac("sha256", hex("IMGPROXY_KEY")).update(hex("IMGPROXY_SALT")).update(path);
  return \`${base(facts)}/\${hmac.digest()${cut(facts, ".subarray(0, ", ")")}.toString("base64url")}\${path}\`;
}

console.log(imageUrl(${quoted(facts.path)}));`
        : `const imageUrl = (path: string) => \`${base(facts)}/unsafe\${path}\`;

console.log(imageUrl(${quoted(facts.path)}));`,
  },
  {
    name: "go",
    title: "Go",
    write: (facts) =>
      facts.isSigned
        ? `package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"os"
)

func imageURL(path string) string {
	key, _ := hex.DecodeString(os.Getenv("IMGPROXY_KEY"))
	salt, _ := hex.DecodeString(os.Getenv("IMGPROXY_SALT"))
	mac := hmac.New(sha256.New, key)
	mac.Write(salt)
	mac.Write([]byte(path))
	return ${quoted(`${base(facts)}/`)} + base64.RawURLEncoding.EncodeToString(mac.Sum(nil)${cut(facts, "[:", "]")}) + path
}

func main() {
	fmt.Println(imageURL(${quoted(facts.path)}))
}`
        : `package main

import "fmt"

func imageURL(path string) string {
	return ${quoted(`${base(facts)}/unsafe`)} + path
}

func main() {
	fmt.Println(imageURL(${quoted(facts.path)}))
}`,
  },
  {
    name: "python",
    title: "Python",
    write: (facts) =>
      facts.isSigned
        ? `import base64, hashlib, hmac, os

def image_url(path: str) -> str:
    key = bytes.fromhex(os.environ["IMGPROXY_KEY"])
    salt = bytes.fromhex(os.environ["IMGPROXY_SALT"])
    digest = hmac.new(key, salt + path.encode(), hashlib.sha256).digest()${cut(facts, "[:", "]")}
    return ${quoted(`${base(facts)}/`)} + base64.urlsafe_b64encode(digest).rstrip(b"=").decode() + path

print(image_url(${quoted(facts.path)}))`
        : `def image_url(path: str) -> str:
    return ${quoted(`${base(facts)}/unsafe`)} + path

print(image_url(${quoted(facts.path)}))`,
  },
  {
    name: "ruby",
    title: "Ruby",
    write: (facts) =>
      facts.isSigned
        ? `require "base64"
require "openssl"

def image_url(path)
  key, salt = %w[IMGPROXY_KEY IMGPROXY_SALT].map { |name| [ENV.fetch(name)].pack("H*") }
  digest = OpenSSL::HMAC.digest("SHA256", key, salt + path)${cut(facts, "[0, ", "]")}
  ${single(`${base(facts)}/`)} + Base64.urlsafe_encode64(digest, padding: false) + path
end

puts image_url(${single(facts.path)})`
        : `def image_url(path)
  ${single(`${base(facts)}/unsafe`)} + path
end

puts image_url(${single(facts.path)})`,
  },
  {
    name: "php",
    title: "PHP",
    write: (facts) =>
      facts.isSigned
        ? `<?php
function imageUrl(string $path): string
{
    $key = hex2bin(getenv('IMGPROXY_KEY'));
    $salt = hex2bin(getenv('IMGPROXY_SALT'));
    $digest = ${facts.signatureSize < 32 ? `substr(hash_hmac('sha256', $salt . $path, $key, true), 0, ${facts.signatureSize})` : "hash_hmac('sha256', $salt . $path, $key, true)"};
    return ${single(`${base(facts)}/`)} . rtrim(strtr(base64_encode($digest), '+/', '-_'), '=') . $path;
}

echo imageUrl(${single(facts.path)}), "\\n";`
        : `<?php
function imageUrl(string $path): string
{
    return ${single(`${base(facts)}/unsafe`)} . $path;
}

echo imageUrl(${single(facts.path)}), "\\n";`,
  },
  {
    name: "preset",
    title: "Preset (environment)",
    write: ({ options }) =>
      options.length === 0
        ? "# No option is set: there is nothing to put into a preset."
        : `IMGPROXY_PRESETS=${shellWord(`my_preset=${options.join("/")}`)}`,
  },
];

/**
 * Cuts a digest where the server keeps fewer bytes than it has.
 * @param {SnippetFacts} facts
 * @param {string} before
 * @param {string} after
 */
function cut({ signatureSize }, before, after) {
  return signatureSize < 32 ? before + signatureSize + after : "";
}
