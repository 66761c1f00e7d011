import { parseBindAddress } from "../../config/bind-address.ts";
import type { Config } from "../../config/config.ts";
import { AppError, messageOf } from "../../errors.ts";
import type { ListenAddress } from "../../http/listener.ts";

type AddressConfig = Pick<Config, "bind" | "network" | "soReuseport">;

/** Where the server listens, as IMGPROXY_BIND and IMGPROXY_NETWORK say. Throws `AppError("config")`. */
export function listenAddress({ bind, network, soReuseport }: AddressConfig): ListenAddress {
  const address = parseBindAddress(bind, network);
  if (address?.kind === "unix") return { path: address.path };
  return {
    ...tcpAddress(bind, "IMGPROXY_BIND", network),
    ...(network === "tcp6" ? { ipv6Only: true } : {}),
    ...(soReuseport ? { reusePort: true } : {}),
  };
}

type TcpAddress = { readonly host?: string; readonly port: number };

/** Reads the TCP address of any variable. Throws `AppError("config")` naming it. */
export function tcpAddress(text: string, variable: string, network: AddressConfig["network"] = "tcp"): TcpAddress {
  const address = parseBindAddress(text);
  if (address?.kind !== "tcp")
    throw new AppError("config", `${variable}="${text}": must be HOST:PORT or :PORT, for example 127.0.0.1:8080`);
  const { port, hostname } = address;
  const host = hostname ?? (network === "tcp4" ? "0.0.0.0" : undefined);
  return host === undefined ? { port } : { host, port };
}

/** The address as one would type it into a browser. */
export function displayUrl(address: ListenAddress, port: number, pathPrefix: string): string {
  if ("path" in address) return `unix:${address.path}`;
  const { host } = address;
  const isAny = host === undefined || host === "0.0.0.0" || host === "::";
  const shown = isAny ? "localhost" : host.includes(":") ? `[${host}]` : host;
  return `http://${shown}:${port}${pathPrefix}`;
}

/** Turns the system's refusal to listen into a clear line. */
export function listenError(error: unknown, variable: string, text: string): AppError {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const reasons: Readonly<Record<string, string>> = {
    EADDRINUSE: "another program listens there",
    EACCES: "this user may not listen there (ports below 1024 need CAP_NET_BIND_SERVICE)",
    EADDRNOTAVAIL: "this machine has no such address",
    ENOENT: "the folder of the socket does not exist",
  };
  const detail = messageOf(error);
  const reason = (typeof code === "string" ? reasons[code] : undefined) ?? detail;
  return new AppError("config", `cannot listen on ${text}: ${reason}`, {
    hint: `Choose another address with ${variable}.`,
    cause: error,
  });
}
