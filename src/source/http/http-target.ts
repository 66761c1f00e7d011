import { isIPv4 } from "node:net";
import { domainToASCII } from "node:url";
import { AppError } from "../../errors.ts";

/** A parsed http or https URL, ready to be put on the wire. */
export type HttpTarget = {
  readonly scheme: "http" | "https";
  /** User info included, as it was written; relative redirects inherit it. */
  readonly authority: string;
  /** ASCII, without brackets: what is resolved and connected to. */
  readonly hostname: string;
  readonly port: number;
  /** What the `Host` header says: the port only when it was written. */
  readonly host: string;
  /** Percent-encoded path, never empty; dot segments and doubled slashes as they came. */
  readonly path: string;
  /** With its `?`; empty when there is none. */
  readonly query: string;
  /** Value of an `Authorization` header made from user info. */
  readonly authorization: string | undefined;
};

const URL_SHAPE = /^(https?):\/\/([^/?#]*)([^?#]*)(\?[^#]*)?(?:#.*)?$/is;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are exactly what is refused here.
const CONTROL_CHARACTER = /[\u0000-\u001f\u007f]/;
const BAD_ESCAPE = /%(?![0-9a-f]{2})/i;
/** Characters that stand in a path as they are; one other character makes the whole path be written anew. */
const SENDABLE_PATH = /^[A-Za-z0-9\-._~!$&'()*+,;=:@/[\]%]*$/;
/** Bytes that stay bare when a path is written anew. */
const BARE_PATH_BYTE = /[A-Za-z0-9\-._~$&+,/:;=@]/;
const USER_INFO = /^[A-Za-z0-9\-._~!$&'()*+,;=:%@]*$/;
const INVALID_HOST_CHARACTER = /[\s%<>"\\^`{|}/?#@:[\]]/;
/** Where a resolver would read a shortened, octal, hexadecimal or decimal IPv4 address instead of a name. */
const ENDS_IN_A_NUMBER = /(?:^|\.)(?:\d+|0x[0-9a-f]*)\.?$/i;
const DEFAULT_PORTS = { http: 80, https: 443 } as const;

function refuse(why: string): never {
  throw new AppError("source_unreachable", `can't parse source URL: ${why}`);
}

function percentDecode(text: string): Buffer {
  const bytes = Buffer.from(text, "utf8");
  const decoded: number[] = [];
  for (let index = 0; index < bytes.length; index++) {
    const byte = bytes[index] ?? 0;
    if (byte !== 0x25) decoded.push(byte);
    else {
      decoded.push(Number.parseInt(bytes.toString("latin1", index + 1, index + 3), 16));
      index += 2;
    }
  }
  return Buffer.from(decoded);
}

function percentEncodeByte(byte: number): string {
  return `%${byte.toString(16).toUpperCase().padStart(2, "0")}`;
}

/**
 * A path that can be sent goes out as it is, escapes kept. One that holds a space, a quote, a letter beyond ASCII or the like is
 * decoded and written anew, which loses the difference between `%2F` and `/`: observed on the reference.
 */
function sendablePath(path: string): string {
  if (BAD_ESCAPE.test(path)) refuse("invalid percent escape in the path");
  if (SENDABLE_PATH.test(path)) return path;
  return Array.from(percentDecode(path), (byte) => {
    const character = String.fromCharCode(byte);
    return BARE_PATH_BYTE.test(character) ? character : percentEncodeByte(byte);
  }).join("");
}

/** A query goes out as it is; only what would break the request line is encoded. */
function sendableQuery(query: string): string {
  return query.replace(/[^\u0021-\u007e]+/gu, (run) =>
    Array.from(Buffer.from(run, "utf8"), percentEncodeByte).join(""),
  );
}

function basicAuthorization(userInfo: string | undefined): string | undefined {
  if (userInfo === undefined) return undefined;
  if (!USER_INFO.test(userInfo) || BAD_ESCAPE.test(userInfo)) refuse("invalid user info");
  const colon = userInfo.indexOf(":");
  const name = percentDecode(colon === -1 ? userInfo : userInfo.slice(0, colon));
  const password = percentDecode(colon === -1 ? "" : userInfo.slice(colon + 1));
  return `Basic ${Buffer.concat([name, Buffer.from(":"), password]).toString("base64")}`;
}

/** Splits `name:port`; a name in brackets may hold colons. */
function splitPort(text: string): { readonly name: string; readonly port: string } {
  const match = /^(\[[^\]]*\]|[^:]+)(?::(\d*))?$/.exec(text);
  if (match === null) refuse(text === "" ? "no host" : "invalid host or port");
  return { name: match[1] ?? "", port: match[2] ?? "" };
}

/** IPv6 literals lose their brackets and keep their zone (written `%25eth0`); names are turned into ASCII. */
function connectableName(name: string): string {
  if (name.startsWith("[")) {
    const literal = name.slice(1, -1).replace("%25", "%");
    if (!/^[0-9a-f:.]+(?:%[\w.~-]+)?$/i.test(literal)) refuse("invalid IPv6 literal");
    return literal;
  }
  if (INVALID_HOST_CHARACTER.test(name)) refuse("invalid character in the host name");
  const ascii = /^[\u0021-\u007e]*$/.test(name) ? name : domainToASCII(name);
  if (ascii === "") refuse("invalid host name");
  if (ENDS_IN_A_NUMBER.test(ascii) && !isIPv4(ascii)) refuse("the host is neither a name nor a dotted IPv4 address");
  return ascii;
}

/**
 * Parses an http(s) URL as the reference does (RFC 3986, not the WHATWG rules of `URL`): existing escapes, dot segments and doubled
 * slashes are kept, other characters percent-encoded, the fragment dropped, user info turned into Basic authorization. IPv4 addresses
 * count only in strict dotted form. Throws `source_unreachable` for stray `%`, control characters, bad ports, hosts and literals.
 */
export function parseHttpUrl(url: string): HttpTarget {
  if (CONTROL_CHARACTER.test(url)) refuse("invalid control character");
  const match = URL_SHAPE.exec(url);
  if (match === null) refuse("expected http:// or https://");
  const [, schemeText = "", authority = "", rawPath = "", rawQuery = ""] = match;
  const scheme = schemeText.toLowerCase() === "https" ? "https" : "http";
  const at = authority.lastIndexOf("@");
  const { name, port: portText } = splitPort(authority.slice(at + 1));
  const hostname = connectableName(name);
  const port = portText === "" ? DEFAULT_PORTS[scheme] : Number(portText);
  if (port < 1 || port > 65535) refuse(`invalid port ${portText}`);
  const path = sendablePath(rawPath);
  const bracketed = hostname.includes(":") ? `[${hostname.replace(/%.*$/, "")}]` : hostname;
  return {
    scheme,
    authority,
    hostname,
    port,
    host: portText === "" ? bracketed : `${bracketed}:${port}`,
    path: path === "" ? "/" : path,
    query: sendableQuery(rawQuery),
    authorization: basicAuthorization(at === -1 ? undefined : authority.slice(0, at)),
  };
}

/** The URL of a target without user info, for `Referer`, logs and the request line of a proxy. */
export function targetUrl(target: HttpTarget): string {
  return `${target.scheme}://${target.host}${target.path}${target.query}`;
}
