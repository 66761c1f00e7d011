import { BlockList, isIP, isIPv6 } from "node:net";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import { type HttpTarget, parseHttpUrl } from "./http-target.ts";

/** The values of `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`; empty = not set. */
export type ProxyConfig = Pick<Config, "httpProxy" | "httpsProxy" | "noProxy">;

/** The proxies for the two kinds of target, and which targets go directly all the same. */
export type Proxies = {
  readonly http: HttpTarget | undefined;
  readonly https: HttpTarget | undefined;
  readonly isDirect: (target: HttpTarget) => boolean;
};

function readProxy(variable: string, value: string): HttpTarget | undefined {
  const text = value.trim();
  if (text === "") return undefined;
  try {
    return parseHttpUrl(text.includes("://") ? text : `http://${text}`);
  } catch (error) {
    const message = `invalid ${variable} value: expected http://host:port or https://host:port`;
    throw new AppError("config", message, { cause: error });
  }
}

function isLoopbackName(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

type Exception = (target: HttpTarget) => boolean;

function networkException(address: string, bits: number): Exception {
  const family = isIPv6(address) ? "ipv6" : "ipv4";
  const list = new BlockList();
  list.addSubnet(address, bits, family);
  return ({ hostname }) => isIP(hostname) !== 0 && list.check(hostname, isIPv6(hostname) ? "ipv6" : "ipv4");
}

function nameException(name: string): Exception {
  const suffix = name.replace(/^\*?\.?/, ".").toLowerCase();
  const isExactToo = !name.startsWith(".") && !name.startsWith("*.");
  return ({ hostname }) => {
    const host = hostname.toLowerCase();
    return host.endsWith(suffix) || (isExactToo && `.${host}` === suffix);
  };
}

/** One item of NO_PROXY: `*`, an address, a network, or a name (its subdomains too; with a leading dot only those), each with an optional port. */
function parseException(item: string): Exception | undefined {
  if (item === "*") return () => true;
  const network = /^([0-9a-f:.]+)\/(\d{1,3})$/i.exec(item);
  if (network !== null) {
    const [, address = "", bits = ""] = network;
    const family = isIP(address);
    return family === 0 || Number(bits) > (family === 4 ? 32 : 128)
      ? undefined
      : networkException(address, Number(bits));
  }
  if (isIP(item) !== 0) return ({ hostname }) => hostname === item;
  const [, bracketed, plain = "", port] = /^(?:\[([^\]]*)\]|([^:]*))(?::(\d+))?$/.exec(item) ?? [];
  const name = bracketed ?? plain;
  if (name === "") return undefined;
  const matches: Exception = isIP(name) === 0 ? nameException(name) : ({ hostname }) => hostname === name;
  return port === undefined ? matches : (target) => target.port === Number(port) && matches(target);
}

/**
 * Reads the proxy variables with the rules the reference inherits: loopback targets always go directly. Throws `config` for a proxy
 * that is not an http(s) URL; items of NO_PROXY that make no sense match nothing.
 */
export function readProxies(config: ProxyConfig): Proxies {
  const items = config.noProxy.split(",").map((item) => item.trim());
  const exceptions = items.map(parseException).filter((exception) => exception !== undefined);
  return {
    http: readProxy("HTTP_PROXY", config.httpProxy),
    https: readProxy("HTTPS_PROXY", config.httpsProxy),
    isDirect: (target) => isLoopbackName(target.hostname) || exceptions.some((isException) => isException(target)),
  };
}
