import { createClient } from "../client/client.ts";
import { loadConfig } from "../config/config.ts";
import { loadEnvironment } from "../config/environment.ts";
import { AppError } from "../errors.ts";
import type { ImageFormat } from "../formats.ts";
import {
  compileRequestSettings,
  type ImageRequest,
  type RequestSettings,
  readImageRequest,
} from "../http/read-request.ts";
import { explainOptions } from "../options/explain-options.ts";
import { applyExtension } from "../options/parse-options.ts";
import type { ProcessingOptions } from "../options/types.ts";
import { type CommandLine, type CommandRun, isFlagSet, type Terminal, textFlag } from "./command.ts";

/** `imgproxy url`: builds and signs a URL as this server would accept it, or takes one apart. */
export const urlCommand: CommandRun = async (line, terminal) => {
  const { variables, file } = await loadEnvironment();
  const { config } = loadConfig(variables, { file });
  const settings = compileRequestSettings(config);
  return isFlagSet(line, "explain") ? explain(line, settings, terminal) : build(line, settings, terminal);
};

async function build(line: CommandLine, settings: RequestSettings, terminal: Terminal): Promise<number> {
  const [first = "", second] = line.words;
  const source = second ?? first;
  const options = second === undefined ? "" : first;
  const format = wantedFormat(line, settings);
  const base = (textFlag(line, "base") ?? "").replace(/\/+$/, "");
  const [pair] = settings.signature.pairs;
  const client = createClient({
    baseUrl: base + settings.pathPrefix,
    ...(pair !== undefined && { key: toHex(pair.key), salt: toHex(pair.salt) }),
    signatureSize: settings.signature.size,
    encoding: isFlagSet(line, "base64") ? "base64" : "plain",
  });
  const url = await client.url(source, {
    segments: options.split("/").filter((segment) => segment !== ""),
    ...(format !== null && { format }),
  });
  // Read back as the server would read it: what this prints is never refused for its form.
  const { path, signature, source: read } = readImageRequest(url.slice(base.length), settings);
  const isSigned = pair !== undefined;
  terminal.out(`${isFlagSet(line, "json") ? JSON.stringify({ url, path, signature, isSigned, source: read }) : url}\n`);
  return 0;
}

/** Of `--extension`, under any name of the format, as in `cat.jpg`, `.jpg` and `@jpg`. */
function wantedFormat(line: CommandLine, { options: { base } }: RequestSettings): ImageFormat | null {
  const extension = (textFlag(line, "extension") ?? "").replace(/^[.@]/, "");
  return extension === "" ? null : applyExtension(base, extension).format;
}

function toHex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}

function explain(line: CommandLine, settings: RequestSettings, terminal: Terminal): number {
  const [url = "", ...more] = line.words;
  if (more.length > 0) throw new AppError("usage", "--explain takes one URL");
  const target = url.replace(/^https?:\/\/[^/]*/i, "");
  const request = readImageRequest(target, settings);
  const options = explainOptions(withCachebuster(request), settings.options.base);
  const signature = describeSignature(request, settings);
  if (isFlagSet(line, "json")) {
    const { source, path } = request;
    terminal.out(`${JSON.stringify({ signature, path, source, options }, null, 2)}\n`);
    return 0;
  }
  const rows = options.map(({ written, doc }) => [written, doc] as const);
  const width = Math.max(0, ...rows.map(([written]) => written.length)) + 2;
  terminal.out(
    [
      `signature  ${signature}`,
      `source     ${request.source}`,
      `format     ${request.options.format ?? "automatic"}`,
      ...(rows.length === 0 ? ["options    none: the source as it is"] : ["options"]),
      ...rows.map(([written, doc]) => `  ${written.padEnd(width)}${doc}`),
    ].join("\n"),
  );
  terminal.out("\n");
  return 0;
}

/** All that the URL says. */
function withCachebuster({ options, cachebuster }: ImageRequest): ProcessingOptions {
  return cachebuster === "" ? options : { ...options, cachebuster };
}

function describeSignature({ signature }: ImageRequest, { signature: rules }: RequestSettings): string {
  if (rules.pairs.length === 0) return "not checked (no IMGPROXY_KEY and IMGPROXY_SALT)";
  return rules.trusted.has(signature) ? "trusted" : "right";
}
