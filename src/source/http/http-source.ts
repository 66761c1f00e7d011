import type { OutgoingHttpHeaders } from "node:http";
import type { Config } from "../../config/config.ts";
import { AppError } from "../../errors.ts";
import type { Logger, Metrics } from "../../telemetry/types.ts";
import { type AddressGuardConfig, createAddressGuard } from "../guard/address-guard.ts";
import type { Source, SourceRequest, SourceResponse } from "../types.ts";
import { type ConnectionsConfig, createConnections } from "./connections.ts";
import { type CookieJar, createCookieJar } from "./cookie-jar.ts";
import { type Deadline, startDeadline } from "./deadline.ts";
import { type Answer, exchange } from "./exchange.ts";
import { type ResolveName, resolveWithSystem } from "./guarded-lookup.ts";
import { type HttpTarget, parseHttpUrl, targetUrl } from "./http-target.ts";
import { streamMessage } from "./message-body.ts";
import { type ProxyConfig, readProxies } from "./proxy.ts";
import { redirectLocation, resolveRedirect } from "./redirect.ts";

/** What the HTTP source reads of the configuration. */
export type HttpSourceConfig = AddressGuardConfig &
  ConnectionsConfig &
  ProxyConfig &
  Pick<Config, "userAgent" | "downloadTimeoutSeconds" | "maxRedirects" | "cookiePassthroughAll">;

export type HttpSourceServices = {
  readonly logger: Logger;
  readonly metrics: Metrics;
  /** Throws an `AppError` when a redirect may not be followed to this URL (`IMGPROXY_ALLOWED_SOURCES`). */
  readonly checkRedirect?: (url: string) => void;
  /** How names become addresses; the system's resolver unless told otherwise. */
  readonly resolveName?: ResolveName;
};

/** Headers that the connection itself decides. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "host",
  "connection",
  "content-length",
  "transfer-encoding",
  "user-agent",
  "cookie",
  "referer",
]);
/** Bodies of redirects up to this size are read to keep the connection, if they come at once; otherwise it is closed. */
const DRAINED_BYTES = 2048;
const DRAIN_TIMEOUT_MS = 250;

/** One step of a download: where it goes now, and where it came from. */
type Hop = { readonly target: HttpTarget; readonly previous: HttpTarget | undefined };

function titleCase(name: string): string {
  return name.replace(/(^|-)[a-z]/g, (letters) => letters.toUpperCase());
}

/** For logs: queries of redirects carry signatures and tokens. */
function withoutQuery(target: HttpTarget): string {
  return targetUrl({ ...target, query: "" });
}

function refererFor({ target, previous }: Hop): string | undefined {
  const isDowngrade = previous?.scheme === "https" && target.scheme === "http";
  return previous === undefined || isDowngrade ? undefined : targetUrl(previous);
}

/** Makes the connection of an answer free again, by reading a short body or by closing it. */
function drain({ headers, message }: Answer): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => message.destroy(), DRAIN_TIMEOUT_MS);
    message.on("error", () => undefined);
    message.once("close", () => {
      clearTimeout(timer);
      resolve();
    });
    const length = headers.get("content-length");
    if (length === null || Number(length) > DRAINED_BYTES) message.destroy();
    else message.resume();
  });
}

function toResponse({ status, headers, message }: Answer, deadline: Deadline): SourceResponse {
  if (status !== 204 && status !== 304) return { status, headers, body: streamMessage(message, deadline) };
  deadline.release();
  message.resume();
  return { status, headers, body: null };
}

/**
 * Fetches http and https sources. Names are resolved once and only allowed addresses are connected to, for redirects too; paths go
 * out as they are written; redirects stay within http(s) and are offered to `checkRedirect`. `downloadTimeoutSeconds` covers everything
 * from the first connection to the last byte. Answers of any status come back as values.
 *
 * Throws `source_forbidden` (guard, `checkRedirect`), `source_unreachable`, `source_timeout`, and the signal's own error.
 */
export function createHttpSource(config: HttpSourceConfig, services: HttpSourceServices): Source {
  const guard = createAddressGuard(config);
  const proxies = readProxies(config);
  const connections = createConnections(config, {
    guard,
    proxies,
    resolveName: services.resolveName ?? resolveWithSystem,
  });
  const exchanges = services.metrics.counter(
    "source_http_requests_total",
    "A counter of the requests sent to HTTP sources, by whether the connection was reused.",
  );

  const headersFor = (hop: Hop, request: SourceRequest, first: HttpTarget, jar: CookieJar): OutgoingHttpHeaders => {
    const { target } = hop;
    const headers: OutgoingHttpHeaders = { Host: target.host, "User-Agent": config.userAgent };
    for (const [name, value] of Object.entries(request.headers)) {
      if (!OWN_HEADERS.has(name)) headers[titleCase(name)] = value;
    }
    const keepsCookies = config.cookiePassthroughAll || target.hostname.toLowerCase() === first.hostname.toLowerCase();
    const cookies = [keepsCookies ? request.headers["cookie"] : undefined, jar.header(target)]
      .filter(Boolean)
      .join("; ");
    if (cookies !== "") headers["Cookie"] = cookies;
    if (target.authorization !== undefined) headers["Authorization"] = target.authorization;
    const referer = refererFor(hop);
    if (referer !== undefined) headers["Referer"] = referer;
    return headers;
  };

  const follow = async (request: SourceRequest, deadline: Deadline): Promise<SourceResponse> => {
    const first = parseHttpUrl(request.url);
    const jar = createCookieJar();
    let hop: Hop = { target: first, previous: undefined };
    for (let redirects = 1; ; redirects++) {
      const answer = await exchange(connections, hop.target, headersFor(hop, request, first, jar), deadline);
      exchanges.add(1, { connection: answer.isReusedConnection ? "reused" : "new" });
      const location = redirectLocation(answer.status, answer.message.headers.location);
      if (location === undefined) return toResponse(answer, deadline);
      await drain(answer);
      // The reference's count: the Nth redirect fails, so that N allow N - 1.
      if (redirects >= config.maxRedirects) {
        throw new AppError(
          "source_unreachable",
          `stopped after ${config.maxRedirects} redirects (IMGPROXY_MAX_REDIRECTS)`,
        );
      }
      jar.store(hop.target, answer.message.headers["set-cookie"] ?? []);
      const next = resolveRedirect(hop.target, location);
      services.checkRedirect?.(next.url);
      services.logger.log("debug", "Following a redirect of the source", {
        from: withoutQuery(hop.target),
        to: withoutQuery(next.target),
      });
      hop = { target: next.target, previous: hop.target };
    }
  };

  return {
    async fetch(request) {
      const deadline = startDeadline(config.downloadTimeoutSeconds, request.signal);
      try {
        if (deadline.error !== undefined) throw deadline.error;
        return await follow(request, deadline);
      } catch (error) {
        deadline.release();
        throw error;
      }
    },
    close: () => connections.close(),
  };
}
