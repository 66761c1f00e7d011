import { loadConfig } from "../config/config.ts";
import { loadEnvironment } from "../config/environment.ts";
import { AppError } from "../errors.ts";
import {
  compileRequestSettings,
  type ImageRequest,
  type RequestSettings,
  readImageRequest,
} from "../http/read-request.ts";
import { explainOptions } from "../options/explain-options.ts";
import { printPath, printTarget } from "../url/print-path.ts";
import { signPath } from "../url/signature.ts";
import { type CommandLine, type CommandRun, isFlagSet, type Terminal, textFlag } from "./command.ts";

const UNSIGNED = "unsafe";

/** `imgproxy url`: builds and signs a URL as this server would accept it, or takes one apart. */
export const urlCommand: CommandRun = async (line, terminal) => {
  const { variables, file } = await loadEnvironment();
  const { config } = loadConfig(variables, { file });
  const settings = compileRequestSettings(config);
  return isFlagSet(line, "explain") ? explain(line, settings, terminal) : build(line, settings, terminal);
};

function build(line: CommandLine, settings: RequestSettings, terminal: Terminal): number {
  const [first = "", second] = line.words;
  const source = second ?? first;
  const options = second === undefined ? "" : first;
  const path = printPath({
    options: options.split("/").filter((segment) => segment !== ""),
    source,
    extension: (textFlag(line, "extension") ?? "").replace(/^[.@]/, ""),
    encoding: isFlagSet(line, "base64") ? "base64" : "plain",
  });
  const [pair] = settings.signature.pairs;
  const signature = pair === undefined ? UNSIGNED : signPath(path, pair, settings.signature.size);
  const target = printTarget(path, signature, settings.pathPrefix);
  // Read back as the server would read it: what this prints is never refused for its form.
  const request = readImageRequest(target, settings);
  const url = (textFlag(line, "base") ?? "").replace(/\/+$/, "") + target;
  const isSigned = pair !== undefined;
  if (isFlagSet(line, "json"))
    terminal.out(`${JSON.stringify({ url, path, signature, isSigned, source: request.source })}\n`);
  else terminal.out(`${url}\n`);
  return 0;
}

function explain(line: CommandLine, settings: RequestSettings, terminal: Terminal): number {
  const [url = "", ...more] = line.words;
  if (more.length > 0) throw new AppError("usage", "--explain takes one URL");
  const target = url.replace(/^https?:\/\/[^/]*/i, "");
  const request = readImageRequest(target, settings);
  const options = explainOptions(request.options, settings.options.base);
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

function describeSignature({ signature }: ImageRequest, { signature: rules }: RequestSettings): string {
  if (rules.pairs.length === 0) return "not checked (no IMGPROXY_KEY and IMGPROXY_SALT)";
  return rules.trusted.has(signature) ? "trusted" : "right";
}
