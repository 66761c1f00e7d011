import type { Config } from "../config/config.ts";
import { AppError } from "../errors.ts";

/** Where a server listens. `hostname` undefined = every address. */
export type BindAddress =
  | { readonly kind: "tcp"; readonly hostname: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

/**
 * Reads `host:port`, `:port`, `[v6]:port` or, with a `unix` network, a socket path, as Go's listener does.
 * Throws `AppError("config")` naming the variable.
 */
export function parseBind(config: Pick<Config, "bind" | "network">): BindAddress {
  if (config.network.startsWith("unix")) return { kind: "unix", path: config.bind };
  return parseHostPort(config.bind, "IMGPROXY_BIND");
}

/** The same for one TCP address of any variable. */
export function parseHostPort(text: string, variable: string): Extract<BindAddress, { kind: "tcp" }> {
  const colon = text.lastIndexOf(":");
  const portText = text.slice(colon + 1);
  const port = Number(portText);
  if (colon < 0 || !/^\d{1,5}$/.test(portText) || port > 65_535) throw invalid(text, variable);
  const host = text.slice(0, colon);
  if (host.startsWith("[") !== host.endsWith("]") || (!host.startsWith("[") && host.includes(":")))
    throw invalid(text, variable);
  const hostname = host.startsWith("[") ? host.slice(1, -1) : host;
  return { kind: "tcp", hostname: hostname === "" ? undefined : hostname, port };
}

function invalid(text: string, variable: string): AppError {
  return new AppError("config", `${variable}="${text}" is not an address to listen on`, {
    hint: "Allowed: HOST:PORT or :PORT with a port of 0 to 65535, for example 127.0.0.1:8080 or [::1]:8080.",
  });
}
