import { request } from "node:http";
import { loadConfig } from "../config/config.ts";
import { loadEnvironment } from "../config/environment.ts";
import { AppError } from "../errors.ts";
import { type CommandRun, textFlag } from "./command.ts";
import { listenAddress } from "./serve/listen-address.ts";

/** `imgproxy health`: asks `GET <prefix>/health` of the server that these settings describe. */
export const healthCommand: CommandRun = async (line, terminal) => {
  const { variables, file } = await loadEnvironment();
  const { config } = loadConfig(variables, { file });
  const seconds = Number(textFlag(line, "timeout") ?? 5);
  if (!(seconds > 0)) throw new AppError("usage", "--timeout needs a number of seconds above 0");
  const address = listenAddress(config);
  const target =
    "path" in address ? { socketPath: address.path } : { host: reachable(address.host), port: address.port };
  const { status, body } = await ask({
    ...target,
    path: `${config.pathPrefix}/health`,
    signal: AbortSignal.timeout(seconds * 1000),
  });
  terminal.err(`${body}\n`);
  if (status === 200) return 0;
  terminal.err(`imgproxy: healthcheck failed: status ${status}\n`);
  return 1;
};

/** Every address is listened on: the loopback one is among them. */
function reachable(host: string | undefined): string {
  if (host === undefined || host === "0.0.0.0") return "127.0.0.1";
  return host === "::" ? "::1" : host;
}

type Asked = { host?: string; port?: number; socketPath?: string; path: string; signal: AbortSignal };

function ask(options: Asked): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const fail = (error: Error) =>
      reject(new AppError("usage", `the server does not answer: ${error.message}`, { cause: error }));
    const asked = request(options, (response) => {
      let body = "";
      response.setEncoding("utf8");
      response.on("data", (chunk: string) => {
        body += chunk;
      });
      response.on("end", () => resolve({ status: response.statusCode ?? 0, body }));
      response.on("error", fail);
    });
    asked.on("error", fail);
    asked.end();
  });
}
