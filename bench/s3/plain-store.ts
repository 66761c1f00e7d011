/**
 * A store that costs next to nothing: one object, the headers of a MinIO, no look at signatures. In a process of its own, so that
 * what is measured against it is the client. Prints its port.
 */
import { patternBytes } from "../../tests/support/pattern-bytes.ts";

const object = new Uint8Array(patternBytes(Number(process.argv[2])));
const headers = {
  "accept-ranges": "bytes",
  "content-type": "image/png",
  etag: '"0cc175b9c0f1b6a831c399e269772661"',
  "last-modified": "Thu, 01 Jan 2026 00:00:00 GMT",
  server: "MinIO",
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  vary: "Origin, Accept-Encoding",
  "x-amz-id-2": "dd9025bab4ad464b049177c95eb6ebf374d3b3fd1af9251148b658df7ac2e3e8",
  "x-amz-request-id": "18EB1E673A1A1D01",
  "x-content-type-options": "nosniff",
  "x-xss-protection": "1; mode=block",
};
const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response(object, { headers }) });
console.log(server.port);
