/**
 * A MinIO server of our own: found, started, watched and ended. `imgproxy demo` shows the program on it and the tests run
 * against it. Nothing is downloaded or built here; `scripts/minio.ts` does that for developers.
 */
import { type ChildProcess, spawn } from "node:child_process";
import { accessSync, constants } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { homedir } from "node:os";
import { delimiter, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { AppError } from "../../errors.ts";

type Env = Readonly<Record<string, string | undefined>>;

/** Root keys of a server. */
export type MinioCredentials = { readonly accessKeyId: string; readonly secretAccessKey: string };

/** A server that somebody else runs, as named by the environment. */
export type RemoteMinio = {
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: MinioCredentials;
};

/** What there is to work with: servers that run already, or a binary that can be started. */
export type FoundMinio =
  | { readonly kind: "endpoints"; readonly servers: readonly RemoteMinio[] }
  | { readonly kind: "binary"; readonly path: string };

/** The keys every MinIO starts with unless told otherwise. */
const MINIO_DEFAULT_CREDENTIALS: MinioCredentials = {
  accessKeyId: "minioadmin",
  secretAccessKey: "minioadmin",
};

/**
 * Looks for MinIO in this order: servers named by `MINIO_ENDPOINT` (`http://host:9000`, or several as
 * `region=http://host:9000,region=…`; keys from `MINIO_ROOT_USER` and `MINIO_ROOT_PASSWORD`, region of a bare endpoint
 * from `MINIO_REGION`), `minio` on the PATH, a binary in the user's cache folder.
 */
export function findMinio(env: Env): FoundMinio | undefined {
  const servers = remoteServers(env);
  if (servers.length > 0) return { kind: "endpoints", servers };
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  const path = [...folders.map((folder) => join(folder, "minio")), cachedMinioPath(env)].find(isExecutable);
  return path === undefined ? undefined : { kind: "binary", path };
}

/** Where a binary built for this user is kept: `$XDG_CACHE_HOME` or `~/.cache`, then `imgproxy-bun/bin/minio`. */
export function cachedMinioPath(env: Env): string {
  const cache = env["XDG_CACHE_HOME"] || join(env["HOME"] || homedir(), ".cache");
  return join(cache, "imgproxy-bun", "bin", "minio");
}

function remoteServers(env: Env): RemoteMinio[] {
  const credentials = {
    accessKeyId: env["MINIO_ROOT_USER"] || MINIO_DEFAULT_CREDENTIALS.accessKeyId,
    secretAccessKey: env["MINIO_ROOT_PASSWORD"] || MINIO_DEFAULT_CREDENTIALS.secretAccessKey,
  };
  return (env["MINIO_ENDPOINT"] ?? "")
    .split(",")
    .map((entry) => entry.trim())
    .filter((entry) => entry !== "")
    .map((entry) => {
      const named = /^([a-z0-9-]+)=(.+)$/.exec(entry);
      const region = named?.[1] ?? (env["MINIO_REGION"] || "us-east-1");
      return { endpoint: (named?.[2] ?? entry).replace(/\/+$/, ""), region, credentials };
    });
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

export type MinioServerOptions = {
  readonly binary: string;
  /** Made when missing. */
  readonly dataFolder: string;
  readonly region: string;
  readonly credentials?: MinioCredentials;
  /** Ends the start and, later, the server. */
  readonly signal: AbortSignal;
  /** Removes the data folder when the server ends, also when it ends because this process died. */
  readonly removesData?: boolean;
  /** Folder with `public.crt` and `private.key`: the server then speaks TLS only. */
  readonly certsFolder?: string;
  /** Further settings of MinIO, e.g. `MINIO_DOMAIN` for virtual-host addressing. */
  readonly settings?: Readonly<Record<string, string>>;
};

export type MinioServer = {
  /** `http://127.0.0.1:port`, no slash at the end. */
  readonly endpoint: string;
  readonly region: string;
  readonly credentials: MinioCredentials;
  /** Ends the server and waits until it is gone; calling it again does no harm. */
  stop(): Promise<void>;
};

/**
 * The shell between us and the server. It reads a pipe that only we write to: when this process ends, however it ends,
 * the pipe closes, the server is ended and its data removed.
 * $1 is the folder to remove, or empty; the rest is the command.
 */
const SUPERVISOR = `
folder=$1; shift
status=0
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
trap 'kill "$server" 2>/dev/null' TERM INT HUP
( cat <&3; kill "$server" ) >/dev/null 2>&1 &
watcher=$!
exec 3<&-
while kill -0 "$server" 2>/dev/null; do wait "$server"; status=$?; done
kill "$watcher" 2>/dev/null
if [ -n "$folder" ]; then rm -rf -- "$folder"; fi
exit "$status"
`;

const READY_TIMEOUT_MS = 30_000;
const STARTS = 3;

/**
 * Starts a MinIO on a free port of the loopback interface and waits until it answers.
 * Throws `AppError` (`usage`) with the server's own last words when it does not.
 */
export async function startMinioServer(options: MinioServerOptions): Promise<MinioServer> {
  await mkdir(options.dataFolder, { recursive: true });
  for (let start = 1; ; start++) {
    try {
      return await startOnce(options);
    } catch (error) {
      // Another process can take the port between our look and the server's bind: then try another one.
      const isPortTaken = error instanceof AppError && /address already in use|port .* in use/i.test(error.message);
      if (!isPortTaken || start === STARTS) throw error;
    }
  }
}

async function startOnce(options: MinioServerOptions): Promise<MinioServer> {
  const credentials = options.credentials ?? MINIO_DEFAULT_CREDENTIALS;
  const port = await freePort();
  const scheme = options.certsFolder === undefined ? "http" : "https";
  const endpoint = `${scheme}://127.0.0.1:${port}`;
  const child = spawnSupervised(options, credentials, port);
  const ended = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const stop = () => {
    child.stdin?.end();
    return ended;
  };
  const lastWords = keepLastWords(child);
  try {
    await becomesReady(endpoint, child, options.signal);
  } catch (error) {
    await stop();
    if (options.signal.aborted) throw error;
    throw new AppError("usage", `MinIO did not start: ${lastWords() || "it said nothing"}`, { cause: error });
  }
  options.signal.addEventListener("abort", () => void stop(), { once: true });
  // A server must not keep a finished program alive; the supervisor ends it.
  child.unref();
  for (const stream of [child.stdin, child.stderr]) if (stream && "unref" in stream) callUnref(stream);
  return { endpoint, region: options.region, credentials, stop };
}

function callUnref(stream: object): void {
  const { unref } = stream as { unref?: unknown };
  // Pipes of a child are sockets, whose type does not say so.
  if (typeof unref === "function") unref.call(stream);
}

function spawnSupervised(options: MinioServerOptions, credentials: MinioCredentials, port: number): ChildProcess {
  const command = [options.binary, "server", options.dataFolder, "--address", `127.0.0.1:${port}`, "--quiet"];
  if (options.certsFolder !== undefined) command.push("--certs-dir", options.certsFolder);
  const env = {
    PATH: "/usr/local/bin:/usr/bin:/bin",
    HOME: options.dataFolder,
    MINIO_ROOT_USER: credentials.accessKeyId,
    MINIO_ROOT_PASSWORD: credentials.secretAccessKey,
    MINIO_SITE_REGION: options.region,
    MINIO_BROWSER: "off",
    MINIO_UPDATE: "off",
    ...options.settings,
  };
  const folder = options.removesData ? options.dataFolder : "";
  return spawn("/bin/sh", ["-c", SUPERVISOR, "minio-supervisor", folder, ...command], {
    env,
    stdio: ["pipe", "ignore", "pipe"],
    // An own process group: Ctrl-C reaches us first, and we end the server in order.
    detached: true,
  });
}

function keepLastWords(child: ChildProcess): () => string {
  let text = "";
  child.stderr?.on("data", (chunk: Uint8Array) => {
    text = (text + Buffer.from(chunk).toString("utf8")).slice(-2000);
  });
  return () => text.trim();
}

async function becomesReady(endpoint: string, child: ChildProcess, signal: AbortSignal): Promise<void> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(READY_TIMEOUT_MS)]);
  while (child.exitCode === null) {
    // Whose certificate it is does not matter here: it is our own child on our own interface.
    const isReady = await fetch(`${endpoint}/minio/health/ready`, {
      signal: deadline,
      tls: { rejectUnauthorized: false },
    }).then(
      (response) => response.ok,
      () => false,
    );
    if (isReady) return;
    await sleep(30, undefined, { signal: deadline });
  }
  throw new Error(`the server ended with exit code ${child.exitCode}`);
}

/** A port of the loopback interface that is free now. */
function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address !== null && typeof address === "object") resolve(address.port);
        else reject(new Error("no free port"));
      });
    });
  });
}
