import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Subprocess } from "bun";
import sharp from "sharp";
import { signPath } from "../../src/url/signature.ts";
import { freePort, type RunningServer, startServer } from "../support/executable.ts";
import { TEST_CERTIFICATE } from "../support/tls-certificate.ts";
import { readPage } from "./pages.ts";

const page = readPage("docs/virtual-machine.md");
const blockOf = (language: string) => page.blocks.find((block) => block.language === language)?.text ?? "";
const absent = ["caddy", "nginx"].filter((name) => Bun.which(name) === null);
const note = absent.length === 0 ? "" : ` (not on this machine: ${absent.join(", ")})`;

const PAIR = { key: Buffer.from("736563726574", "hex"), salt: Buffer.from("68656c6c6f", "hex") };
/** What proxies like to tidy up. */
const PATHS = [
  "/rs:fill:60:40/g:sm/plain/local:///photo.png@webp",
  "/w:30/plain/local:///a%20b%25%2B%C3%BC.png",
  "/w:30/plain/local:////folder//../photo.png",
  "/w:30/bg:fff/plain/local:///photo.png@png?unsigned=1",
  `/w:30/${Buffer.from("local:///photo.png").toString("base64url")}.png`,
];

describe("the proxies of docs/virtual-machine.md", () => {
  let folder: string;
  let server: RunningServer;
  let proxy: Subprocess | undefined;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "imgproxy-proxies-"));
    const photo = await sharp({ create: { width: 90, height: 60, channels: 3, background: "#579" } })
      .png()
      .toBuffer();
    for (const name of ["photo.png", "a b%+ü.png"]) await writeFile(join(folder, name), photo);
    await writeFile(join(folder, "fullchain.pem"), TEST_CERTIFICATE.cert);
    await writeFile(join(folder, "privkey.pem"), TEST_CERTIFICATE.key);
    server = await startServer({
      env: { IMGPROXY_KEY: "736563726574", IMGPROXY_SALT: "68656c6c6f", IMGPROXY_LOCAL_FILESYSTEM_ROOT: folder },
    });
  });
  afterEach(async () => {
    proxy?.kill();
    await proxy?.exited;
  });
  afterAll(async () => {
    await server.stop();
    await rm(folder, { recursive: true, force: true });
  });

  const withRealAddress = (text: string) => text.replaceAll("127.0.0.1:8080", server.url.replace("http://", ""));

  async function start(command: readonly string[], port: number): Promise<string> {
    proxy = Bun.spawn([...command], {
      env: { PATH: process.env["PATH"] ?? "", HOME: folder },
      stdin: "ignore",
      stdout: "ignore",
      stderr: "ignore",
    });
    const url = `https://127.0.0.1:${port}`;
    for (let tries = 0; tries < 200; tries++) {
      const answer = await fetch(`${url}/health`, { tls: { rejectUnauthorized: false } }).catch(() => undefined);
      if (answer?.ok) return url;
      await Bun.sleep(50);
    }
    throw new Error(`${command[0]} does not start`);
  }

  async function startNginx(): Promise<string> {
    const port = await freePort();
    const block = withRealAddress(blockOf("nginx"))
      .replace("listen 443", `listen 127.0.0.1:${port}`)
      .replaceAll("/etc/letsencrypt/live/img.example.com", folder);
    const folders = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    const main = `daemon off; pid ${folder}/nginx.pid; error_log ${folder}/error.log; events {}`;
    const file = join(folder, "nginx.conf");
    await writeFile(file, `${main}\nhttp { access_log off; ${folders.join(" ")}\n${block}\n}\n`);
    return start(["nginx", "-c", file], port);
  }

  async function startCaddy(): Promise<string> {
    const port = await freePort();
    const block = withRealAddress(blockOf("caddyfile")).replace(
      "img.example.com {",
      `https://127.0.0.1:${port} {\n\ttls ${folder}/fullchain.pem ${folder}/privkey.pem`,
    );
    const file = join(folder, "Caddyfile");
    await writeFile(file, `{\n\tadmin off\n\tauto_https disable_redirects\n}\n${block}\n`);
    return start(["caddy", "run", "--config", file, "--adapter", "caddyfile"], port);
  }

  test(`are both shown${note}`, () => {
    expect(blockOf("nginx")).toContain("proxy_pass http://127.0.0.1:8080;");
    expect(blockOf("caddyfile")).toContain("reverse_proxy 127.0.0.1:8080");
  });

  const present = [["nginx", startNginx] as const, ["caddy", startCaddy] as const].filter(
    ([name]) => !absent.includes(name),
  );
  for (const [name, startProxy] of present) {
    test(`${name} passes signed paths on as they came`, async () => {
      const url = await startProxy();
      for (const path of PATHS) {
        const signed = `/${signPath(path.split("?")[0] ?? "", PAIR)}${path}`;
        // fetch resolves dot segments; curl sends what it is told.
        const curl = Bun.spawn(["curl", "-sk", "--path-as-is", "-o", "/dev/null", "-w", "%{http_code}", url + signed]);
        expect([path, await new Response(curl.stdout).text()]).toEqual([path, "200"]);
      }
    });
  }
});
