import type { Config } from "../config/config.ts";
import { parseHeaderList } from "../config/header-list.ts";
import { AppError } from "../errors.ts";
import type { HeaderList } from "./answer.ts";
import { utf8HeaderValue } from "./header-text.ts";

/** The operator's own headers, and those that pass through between client and source. */
export interface HeaderRules {
  /** Lower-case names. What goes to the source of a client's request, the operator's headers winning. */
  toSource(client: Headers): Readonly<Record<string, string>>;
  /** What of the source's answer goes to the client. */
  toClient(source: Headers): HeaderList;
  /** On every answer. */
  readonly custom: HeaderList;
}

/** Of the body as the source sent it, or of its connection: never true of a result of ours. */
const NOT_PASSED = new Set([
  "connection",
  "content-encoding",
  "content-length",
  "content-range",
  "keep-alive",
  "transfer-encoding",
]);

const NONE: HeaderList = [];

type HeaderConfig = Pick<
  Config,
  | "customRequestHeaders"
  | "customResponseHeaders"
  | "customHeadersSeparator"
  | "requestHeadersPassthrough"
  | "responseHeadersPassthrough"
>;

/** Compiles the rules once. Throws `AppError("config")` for a list that the configuration's own check would refuse. */
export function compileHeaderRules(config: HeaderConfig): HeaderRules {
  const { customHeadersSeparator: separator } = config;
  const own = readList("IMGPROXY_CUSTOM_REQUEST_HEADERS", config.customRequestHeaders, separator);
  const ownLowerCase = Object.fromEntries(own.map(([name, value]) => [name.toLowerCase(), value]));
  const fromClient = config.requestHeadersPassthrough.map((name) => name.toLowerCase());
  const fromSource = config.responseHeadersPassthrough.filter((name) => !NOT_PASSED.has(name.toLowerCase()));
  return {
    toSource: (client) =>
      fromClient.length === 0 ? ownLowerCase : { ...Object.fromEntries(chosen(client, fromClient)), ...ownLowerCase },
    toClient: (source) => (fromSource.length === 0 ? NONE : chosen(source, fromSource)),
    custom: readList("IMGPROXY_CUSTOM_RESPONSE_HEADERS", config.customResponseHeaders, separator).map(
      ([name, value]) => [name, utf8HeaderValue(value)],
    ),
  };
}

function chosen(headers: Headers, names: readonly string[]): HeaderList {
  return names.flatMap((name) => {
    const value = headers.get(name);
    return value === null ? [] : [[name, value] as const];
  });
}

function readList(variable: string, text: string, separator: string): HeaderList {
  const reading = parseHeaderList(text, separator);
  if (reading.isGood) return reading.headers;
  throw new AppError("config", `${variable}: ${reading.fault}`);
}
