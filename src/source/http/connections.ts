import { type ClientRequest, Agent as HttpAgent, type OutgoingHttpHeaders, request as requestHttp } from "node:http";
import { Agent as HttpsAgent, request as requestHttps } from "node:https";
import type { LookupFunction } from "node:net";
import type { Config } from "../../config/config.ts";
import type { AddressGuard } from "../guard/address-guard.ts";
import { checkLiteralAddress, createGuardedLookup, type ResolveName } from "./guarded-lookup.ts";
import { type HttpTarget, targetUrl } from "./http-target.ts";
import { closePool, limitPool, type PoolOptions } from "./pool.ts";
import type { Proxies } from "./proxy.ts";
import { createTunnelAgent } from "./tunnel.ts";

/** An idle time of 0 turns keep-alive off. */
export type ConnectionsConfig = Pick<Config, "clientKeepAliveTimeoutSeconds" | "ignoreSslVerification">;

export type ConnectionsServices = {
  readonly guard: AddressGuard;
  readonly proxies: Proxies;
  readonly resolveName: ResolveName;
};

/** Opens requests to sources: pools, proxies, TLS and the address check in one place. */
export type Connections = {
  /** A GET that is not ended yet. Throws `source_forbidden` for a literal address that is not allowed. */
  open(target: HttpTarget, headers: OutgoingHttpHeaders): ClientRequest;
  /** Closes idle connections now and those in use when they are done. */
  close(): void;
};

/** Response headers beyond this are refused, in bytes; the runtime's own 16 kB is less than some CDNs send. */
const MAX_HEADER_BYTES = 256 * 1024;

/** Builds the pools. Whatever a socket connects to, target or proxy, has passed the guard. */
export function createConnections(config: ConnectionsConfig, services: ConnectionsServices): Connections {
  const { guard, proxies, resolveName } = services;
  const idleMs = config.clientKeepAliveTimeoutSeconds * 1000;
  const pool: PoolOptions = idleMs > 0 ? { keepAlive: true, timeout: idleMs } : { keepAlive: false };
  const tls = { rejectUnauthorized: !config.ignoreSslVerification };
  const plainAgent = limitPool(new HttpAgent(pool), guard);
  const tlsAgent = limitPool(new HttpsAgent({ ...pool, ...tls }), guard);

  /** How to reach a hop safely: literal addresses are checked now, names when they are resolved. */
  const guardHop = (hop: HttpTarget): LookupFunction => {
    const refused = checkLiteralAddress(hop.hostname, hop.port, guard);
    if (refused !== undefined) throw refused;
    return createGuardedLookup(resolveName, guard, hop.port);
  };
  const connectTo = (hop: HttpTarget) => ({ host: hop.hostname, port: hop.port, lookup: guardHop(hop) });
  const tunnelAgent =
    proxies.https === undefined ? undefined : createTunnelAgent({ ...pool, ...tls }, proxies.https, connectTo);

  const request = (target: HttpTarget, headers: OutgoingHttpHeaders): ClientRequest => {
    const sent = { path: target.path + target.query, headers, setHost: false, maxHeaderSize: MAX_HEADER_BYTES };
    const proxy = proxies.isDirect(target) ? undefined : proxies[target.scheme];
    if (proxy !== undefined && target.scheme === "https") {
      return requestHttps({ ...sent, host: target.hostname, port: target.port, agent: tunnelAgent });
    }
    if (proxy !== undefined) {
      sent.path = targetUrl(target);
      if (proxy.authorization !== undefined) sent.headers = { ...headers, "Proxy-Authorization": proxy.authorization };
    }
    const hop = proxy ?? target;
    const options = { ...sent, ...connectTo(hop) };
    return hop.scheme === "https"
      ? requestHttps({ ...options, agent: tlsAgent })
      : requestHttp({ ...options, agent: plainAgent });
  };

  return {
    open(target, headers) {
      const opened = request(target, headers);
      // Keep-alive is the default of HTTP/1.1: like the reference, only its absence is announced.
      if (pool.keepAlive) opened.removeHeader("connection");
      return opened;
    },
    close() {
      closePool(plainAgent);
      closePool(tlsAgent);
      if (tunnelAgent !== undefined) closePool(tunnelAgent);
    },
  };
}
