/**
 * The floor under a result in memory: Bun's HTTP server, or `node:http` under Bun, with nothing but one answer to give.
 *
 *   bun bench/cache/bare-server.ts bun|node PORT BODY_FILE HEADERS_FILE
 */
import { readFileSync } from "node:fs";
import { createServer } from "node:http";

const [kind, port = "0", bodyFile = "", headersFile = ""] = process.argv.slice(2);
const body = readFileSync(bodyFile);
const headers: Record<string, string> = JSON.parse(readFileSync(headersFile, "utf8"));

if (kind === "bun") {
  Bun.serve({
    port: Number(port),
    hostname: "127.0.0.1",
    fetch: () => new Response(new Uint8Array(body), { headers }),
  });
} else {
  createServer((_, outgoing) => {
    outgoing.writeHead(200, headers);
    outgoing.end(body);
  }).listen(Number(port), "127.0.0.1");
}
