import type { Config } from "../config/config.ts";
import type { SourceUrl } from "../source/types.ts";
import { sourceCookies } from "./cookies.ts";
import type { HeaderRules } from "./header-rules.ts";
import { validatorSettings } from "./result-headers.ts";
import { sourceConditions } from "./validators.ts";

/** Chooses what of the client's request goes along to a source. Lower-case names. */
export interface SourceHeaders {
  /** For a source that will be processed. */
  processed(client: Headers, source: SourceUrl): Record<string, string>;
  /** For a raw answer: conditions as they came, whatever the settings, and ranges. */
  raw(client: Headers, source: SourceUrl): Record<string, string>;
}

const RAW_FORWARDED = ["if-none-match", "if-modified-since", "accept-encoding", "range"];

/** Compiles what the configuration decides. Nothing of the client's goes along that is not named here. */
export function compileSourceHeaders(config: Config, rules: HeaderRules): SourceHeaders {
  const validators = validatorSettings(config);
  const cookies = {
    isPassedThrough: config.cookiePassthrough,
    isUnscoped: config.cookiePassthroughAll,
    baseUrl: config.cookieBaseUrl,
  };
  const cookie = (client: Headers, source: SourceUrl) => {
    const value = sourceCookies(client, source, cookies);
    return value === undefined ? {} : { cookie: value };
  };
  return {
    processed: (client, source) => ({
      ...rules.toSource(client),
      ...sourceConditions(client, validators),
      ...cookie(client, source),
    }),
    raw: (client, source) => ({ ...rules.toSource(client), ...rawConditions(client), ...cookie(client, source) }),
  };
}

function rawConditions(client: Headers): Record<string, string> {
  const entries = RAW_FORWARDED.flatMap((name) => {
    const value = client.get(name);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(entries);
}
