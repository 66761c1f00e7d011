import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadEnvironment, type Variables } from "../../config/environment.ts";
import { toAppError } from "../../errors.ts";
import { type CommandRun, type Terminal, textFlag } from "../command.ts";
import { type RunningServer, startServer } from "../serve/server.ts";
import { untilStopped } from "../serve/signals.ts";
import { findMinio, type MinioServer, startMinioServer } from "./minio.ts";
import { fillSampleBucket, SAMPLE_BUCKET } from "./sample-bucket.ts";
import { SAMPLES, writeSamples } from "./samples.ts";

const DEFAULT_BIND = "127.0.0.1:8080";

/**
 * `imgproxy demo`: sample photographs on a server that needs no settings. They come from a real MinIO where one can be
 * had, and from a temporary folder otherwise; both end with the command.
 */
export const demoCommand: CommandRun = async (line, terminal) => {
  const ended = new AbortController();
  const folder = await mkdtemp(join(tmpdir(), "imgproxy-demo-"));
  let minio: MinioServer | undefined;
  let server: RunningServer | undefined;
  const environment = (await loadEnvironment()).variables;
  try {
    await writeSamples(join(folder, "samples"));
    const bucket = await provideBucket(environment, folder, ended.signal, terminal);
    minio = bucket?.minio;
    const settings = {
      ...bucket?.settings,
      IMGPROXY_BIND: textFlag(line, "bind") ?? DEFAULT_BIND,
      IMGPROXY_LOCAL_FILESYSTEM_ROOT: join(folder, "samples"),
      IMGPROXY_PLAYGROUND_SOURCES: SAMPLES.map(({ name }) => sampleSource(name, bucket !== undefined)).join(","),
    };
    server = await startServer({
      readEnvironment: () => ({ variables: demoSettings(environment, settings), file: null }),
      terminal,
    });
    terminal.out(banner(server.url, bucket !== undefined));
    await untilStopped(server, terminal);
    return 0;
  } finally {
    await server?.stop();
    await minio?.stop();
    ended.abort();
    await rm(folder, { recursive: true, force: true });
  }
};

function sampleSource(name: string, isInBucket: boolean): string {
  return isInBucket ? `s3://${SAMPLE_BUCKET}/${name}` : `local:///${name}`;
}

/** Something for the option `watermark` to draw. */
const WATERMARK = `<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96"><circle cx="48" cy="48" r="45" fill="#fff" fill-opacity=".85"/><path d="M22 66l18-29 13 18 8-11 14 22z" fill="#0b6e69"/><circle cx="64" cy="31" r="6" fill="#0b6e69"/></svg>`;

function demoSettings(environment: Variables, settings: Variables): Variables {
  return {
    IMGPROXY_LOG_LEVEL: "error",
    IMGPROXY_MAX_ANIMATION_FRAMES: "64",
    IMGPROXY_WATERMARK_DATA: Buffer.from(WATERMARK).toString("base64"),
    ...environment,
    ...settings,
    IMGPROXY_NETWORK: "tcp",
    IMGPROXY_DEVELOPMENT_ERRORS_MODE: "true",
    IMGPROXY_PLAYGROUND: "true",
    IMGPROXY_KEY: "",
    IMGPROXY_SALT: "",
  };
}

type Bucket = { readonly settings: Readonly<Record<string, string>>; readonly minio?: MinioServer };

async function provideBucket(
  environment: Variables,
  folder: string,
  signal: AbortSignal,
  terminal: Terminal,
): Promise<Bucket | undefined> {
  const found = findMinio(environment);
  if (found === undefined) {
    terminal.err("no MinIO found: the samples come from this executable (a `minio` on PATH would put them into S3)\n");
    return undefined;
  }
  let minio: MinioServer | undefined;
  try {
    if (found.kind === "binary") {
      terminal.err(`starting MinIO (${found.path})\n`);
      const dataFolder = join(folder, "minio");
      minio = await startMinioServer({
        binary: found.path,
        dataFolder,
        region: "us-east-1",
        signal,
        removesData: true,
      });
    }
    const server = minio ?? (found.kind === "endpoints" ? found.servers[0] : undefined);
    if (server === undefined) return undefined;
    await fillSampleBucket(server);
    const settings = {
      IMGPROXY_USE_S3: "true",
      IMGPROXY_S3_ENDPOINT: server.endpoint,
      IMGPROXY_S3_REGION: server.region,
      AWS_ACCESS_KEY_ID: server.credentials.accessKeyId,
      AWS_SECRET_ACCESS_KEY: server.credentials.secretAccessKey,
    };
    return minio === undefined ? { settings } : { settings, minio };
  } catch (thrown) {
    await minio?.stop();
    // A demonstration should show something: without S3 it shows the same pictures from disk.
    terminal.err(`${toAppError(thrown).message}\nthe samples come from this executable instead\n`);
    return undefined;
  }
}

function banner(url: string, hasBucket: boolean): string {
  const source = (name: string) => sampleSource(name, hasBucket);
  return `
imgproxy serves samples at ${url}

  ${url}/playground

or, without the playground:

  ${url}/unsafe/rs:fill:300:200/g:sm/plain/${source("astronaut.jpg")}@webp
  ${url}/unsafe/rs:fit:400:400/pd:20/bg:f4f1ea/plain/${source("chelsea.png")}@png
  ${url}/unsafe/w:150/plain/${source("zoom.webp")}@webp

Ctrl-C stops it${hasBucket ? " and the MinIO it uses" : ""}.
`;
}
