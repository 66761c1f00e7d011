import { isIPv4 } from "node:net";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import { compileSecretCheck } from "../bearer-secret.ts";
import type { Exchange } from "../edge.ts";

/** What a client that may use the playground may see beside it. */
export type Visitor = {
  /** On this machine, or with the secret: names of files are shown to nobody else. */
  readonly isTrusted: boolean;
};

/** Admits a client to what the playground does, or throws `forbidden`. */
export type AccessCheck = (headers: Headers, exchange: Pick<Exchange, "peerAddress">) => Visitor;

/** Proxies leave these; a request that has one comes from elsewhere, whatever the socket says. */
const FORWARDED = ["forwarded", "x-forwarded-for", "x-real-ip", "via", "cf-connecting-ip"];

/**
 * Signing is what keys exist to restrict, so with keys only clients on this machine are admitted, and with
 * IMGPROXY_SECRET those who send it, as images need it. Without either everybody is: such a server makes images for anybody.
 * Other sites' pages are refused in every case; a name other than this machine's own would let them pose as ours (DNS
 * rebinding).
 */
export function compileAccess(config: Pick<Config, "secret" | "key">): AccessCheck {
  const checkSecret = compileSecretCheck(config.secret);
  return (headers, { peerAddress }) => {
    const site = headers.get("sec-fetch-site") ?? "none";
    if (site !== "same-origin" && site !== "none")
      throw new AppError("forbidden", "another site's page asked for this");
    checkSecret(headers);
    if (config.secret !== "") return { isTrusted: true };
    const isTrusted = isOnThisMachine(headers, peerAddress);
    if (!isTrusted && config.key.length > 0) {
      throw new AppError("forbidden", "the playground signs URLs only for clients on this machine", {
        hint: "Set IMGPROXY_SECRET and enter it here, or open the page through a tunnel: ssh -L 8080:127.0.0.1:8080 HOST",
      });
    }
    return { isTrusted };
  };
}

function isOnThisMachine(headers: Headers, peerAddress: string): boolean {
  if (FORWARDED.some((name) => headers.has(name))) return false;
  const host = (headers.get("host") ?? "").replace(/:\d+$/, "").replace(/^\[(.*)\]$/, "$1");
  return isLoopback(peerAddress) && (host === "localhost" || isLoopback(host));
}

/** Strict, unlike the guard of source addresses: here a doubt means no. */
function isLoopback(address: string): boolean {
  return address === "::1" || (isIPv4(address) && address.startsWith("127."));
}
