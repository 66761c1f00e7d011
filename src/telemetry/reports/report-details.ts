import type { ErrorReport, LogFields } from "../types.ts";

/** What a report says beside the error, under the names that the reference uses. */
export function reportDetails({ requestId, sourceUrl, options }: ErrorReport): Record<string, string | LogFields> {
  const origin = sourceUrl === undefined ? undefined : /^[^/?#]*:\/\/[^/?#]*/.exec(sourceUrl)?.[0];
  return {
    "Request ID": requestId,
    ...(sourceUrl === undefined ? {} : { "Source Image URL": sourceUrl }),
    ...(origin === undefined ? {} : { "Source Image Origin": origin }),
    ...(options === undefined ? {} : { Options: options }),
  };
}
