import { readdir, stat } from "node:fs/promises";
import { resolve } from "node:path";
import { createEnvironmentReader, type Environment } from "../config/environment.ts";
import { AppError } from "../errors.ts";
import { type CommandLine, type CommandRun, textFlag } from "./command.ts";
import { untilStopped } from "./serve/signals.ts";
import { startConfigured } from "./serve/start-configured.ts";

const FIRST_LOOK_BIND = "127.0.0.1:8080";

/** `imgproxy serve`: runs until SIGTERM or SIGINT, then lets running requests finish. */
export const serveCommand: CommandRun = async (line, terminal) => {
  const folder = line.words[0];
  const readEnvironment = createEnvironmentReader();
  const server = await startConfigured({
    readEnvironment: async () => settingsFor(await readEnvironment(), line, folder),
    terminal,
  });
  const stopped = untilStopped(server, terminal);
  try {
    if (folder !== undefined) terminal.out(await firstLook(server.url, resolve(folder)));
    await stopped;
  } finally {
    await server.stop();
  }
  return 0;
};

async function settingsFor(environment: Environment, line: CommandLine, folder: string | undefined) {
  const bind = textFlag(line, "bind");
  const own: Record<string, string> = {};
  if (folder !== undefined) {
    await requireFolder(folder);
    own["IMGPROXY_LOCAL_FILESYSTEM_ROOT"] = resolve(folder);
    own["IMGPROXY_BIND"] = FIRST_LOOK_BIND;
    own["IMGPROXY_DEVELOPMENT_ERRORS_MODE"] = "true";
    own["IMGPROXY_PLAYGROUND"] = "true";
    // A first look needs no signatures, and the loopback address lets nobody else in.
    own["IMGPROXY_KEY"] = "";
    own["IMGPROXY_SALT"] = "";
  }
  if (bind !== undefined) {
    own["IMGPROXY_BIND"] = bind;
    own["IMGPROXY_NETWORK"] = "tcp";
  }
  return { ...environment, variables: { ...environment.variables, ...own } };
}

async function requireFolder(folder: string): Promise<void> {
  const stats = await stat(folder).catch(() => undefined);
  if (stats === undefined) throw new AppError("usage", `there is no folder ${folder}`);
  if (!stats.isDirectory()) throw new AppError("usage", `${folder} is a file; serve takes a folder`);
}

const IMAGE_NAME = /\.(jpe?g|png|webp|gif|avif|heic|jxl|tiff?|svg|bmp|ico)$/i;
const LOOKED_AT = 200;

/** The playground and three URLs to click, made from what lies in the folder. */
async function firstLook(url: string, folder: string): Promise<string> {
  const names = (await readdir(folder)).slice(0, LOOKED_AT).filter((name) => IMAGE_NAME.test(name));
  const chosen = names.slice(0, 3);
  const options = ["rs:fit:400:400", "rs:fill:300:200/g:sm", "w:200"];
  const lines = chosen.map(
    (name, index) => `  ${url}/unsafe/${options[index]}/plain/local:///${encodeURIComponent(name)}@webp`,
  );
  const hint = `  ${url}/unsafe/rs:fit:400:400/plain/local:///PATH/IN/THE/FOLDER.jpg@webp`;
  const playground = `  ${url}/playground`;
  return `\nserving ${folder} at ${url}\n\n${playground}\n\n${(lines.length > 0 ? lines : [hint]).join("\n")}\n\nCtrl-C stops it.\n`;
}
