import { ERROR_KINDS } from "../src/errors.ts";

/** Text of `docs/errors.md` below the line that says it is generated. */
export function renderErrorReference(): string {
  const rows = Object.entries(ERROR_KINDS).map(([kind, { status, publicMessage, logLevel, isReported, doc }]) => {
    const body = publicMessage.trim() === "" ? "(one space)" : publicMessage;
    return `| \`${kind}\` | ${status} | ${body} | ${logLevel} | ${isReported ? "yes" : "no"} | ${doc} |`;
  });
  return `# Errors

Every error has a kind. Clients get the status and the sentence; the log and, with \`IMGPROXY_DEVELOPMENT_ERRORS_MODE\`, the client
too get the whole text. A source's own 4xx status is passed on for \`source_unreachable\`.

| Kind | Status | Sentence for clients | Log level | Reported | What it means, what to do |
| --- | --- | --- | --- | --- | --- |
${rows.join("\n")}
`;
}
