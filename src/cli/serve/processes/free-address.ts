import { createServer } from "node:net";
import { parseBindAddress } from "../../../config/bind-address.ts";
import type { Config } from "../../../config/config.ts";
import { listenAddress, listenError } from "../listen-address.ts";

/**
 * The address of the configuration as several processes can listen on it: with a port, where any is to be taken. Throws
 * `AppError("config")` when somebody listens there, which processes that share the port would not notice, unless sharing is wanted.
 */
export async function findFreeAddress(config: Config): Promise<string> {
  const { bind, network, soReuseport } = config;
  const wanted = parseBindAddress(bind, network);
  if (wanted?.kind !== "tcp" || (soReuseport && wanted.port !== 0)) return bind;
  const server = createServer();
  try {
    const port = await new Promise<number>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ ...listenAddress(config), exclusive: true }, () => {
        const address = server.address();
        resolve(typeof address === "object" && address !== null ? address.port : 0);
      });
    });
    const host = wanted.hostname?.includes(":") ? `[${wanted.hostname}]` : (wanted.hostname ?? "");
    return `${host}:${port}`;
  } catch (error) {
    throw listenError(error, "IMGPROXY_BIND", bind);
  } finally {
    await new Promise((resolve) => server.close(resolve));
  }
}
