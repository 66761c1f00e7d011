/** Where a server listens. `hostname` is undefined for all addresses and has no brackets; port 0 = any free one. */
export type BindAddress =
  | { readonly kind: "tcp"; readonly hostname: string | undefined; readonly port: number }
  | { readonly kind: "unix"; readonly path: string };

type Network = "tcp" | "tcp4" | "tcp6" | "unix" | "unixpacket";

/**
 * Reads `HOST:PORT`, `:PORT` or `[IPV6]:PORT`, or for the unix networks a path; undefined when it is none of them or the
 * port is above 65535. A missing port counts as 0, as for Go's listener.
 */
export function parseBindAddress(text: string, network: Network = "tcp"): BindAddress | undefined {
  if (network === "unix" || network === "unixpacket") return { kind: "unix", path: text };
  const [, bracketed, plain, digits] = /^(?:\[([\da-f:.%\w]+)\]|([^:[\]\s]+))?:(\d{0,5})$/i.exec(text) ?? [];
  const port = digits === undefined ? Number.NaN : Number(digits);
  return port <= 65_535 ? { kind: "tcp", hostname: bracketed ?? plain, port } : undefined;
}
