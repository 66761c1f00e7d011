import type { Config } from "../config/config.ts";
import type { HeaderList } from "./answer.ts";

/** On every answer: nothing we send may run a script, whatever it is and wherever it is opened. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; style-src 'unsafe-inline'; img-src data:; sandbox";

/** Headers of every answer that do not depend on the request; an answer's own of the same name replace them. */
export function standingHeaders(config: Pick<Config, "serverName">): HeaderList {
  return [
    ["Server", config.serverName],
    ["Content-Security-Policy", CONTENT_SECURITY_POLICY],
  ];
}
