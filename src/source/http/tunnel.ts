import { type RequestOptions, request as requestHttp } from "node:http";
import { type AgentOptions, Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { Duplex } from "node:stream";
import { connect as connectTls } from "node:tls";
import { AppError } from "../../errors.ts";
import type { HttpTarget } from "./http-target.ts";
import { boundIdle, CONNECT_LIMITS, limitHandshake } from "./pool.ts";

type TunnelCallback = (error: Error | null, socket?: Duplex) => void;

/** Asks the proxy for a connection to `authority` (RFC 9110 §9.3.6). */
function openTunnel(proxy: HttpTarget, hop: RequestOptions, authority: string, callback: TunnelCallback): void {
  const headers: Record<string, string> = { Host: authority };
  if (proxy.authorization !== undefined) headers["Proxy-Authorization"] = proxy.authorization;
  const options = { ...hop, method: "CONNECT", path: authority, headers, agent: false } as const;
  const request = proxy.scheme === "https" ? requestHttps(options) : requestHttp(options);
  request.once("connect", (response, socket) => {
    if (response.statusCode === 200) return callback(null, socket);
    socket.destroy();
    callback(
      new AppError("source_unreachable", `the proxy refused a tunnel to ${authority}: status ${response.statusCode}`),
    );
  });
  request.once("error", callback);
  request.end();
}

/**
 * An agent for https targets behind a proxy: each of its connections is a tunnel, TLS goes through it to the target, and the tunnels
 * are pooled by target like any connection. `connectTo` gives the checked way to the proxy.
 */
export function createTunnelAgent(
  options: AgentOptions & { readonly rejectUnauthorized: boolean },
  proxy: HttpTarget,
  connectTo: (hop: HttpTarget) => RequestOptions,
): HttpsAgent {
  const agent = new HttpsAgent(options);
  agent.createConnection = (target, callback) => {
    // An agent takes a failure without a stream; the published type of the callback does not say so.
    const settle = callback as TunnelCallback | undefined;
    const name = target.host ?? "";
    const authority = `${name.includes(":") ? `[${name}]` : name}:${target.port}`;
    openTunnel(proxy, connectTo(proxy), authority, (error, tunnel) => {
      if (tunnel === undefined) return settle?.(error);
      const servername = target.servername ?? "";
      const socket = connectTls({
        socket: tunnel,
        host: name,
        servername,
        rejectUnauthorized: options.rejectUnauthorized,
      });
      limitHandshake(socket, CONNECT_LIMITS);
      settle?.(null, socket);
    });
    return undefined;
  };
  boundIdle(agent);
  return agent;
}
