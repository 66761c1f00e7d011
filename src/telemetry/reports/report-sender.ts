import { messageOf } from "../../errors.ts";
import type { Logger } from "../types.ts";

const TIMEOUT_MS = 10_000;

export type ReportRequest = {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array;
};

/** Sends a report and returns what the service said; rejects when it cannot be reached. */
export type ReportSender = (request: ReportRequest) => Promise<Response>;

/** Sends to one service, and says in the log when that begins to fail and when it works again. */
export function createReportSender(service: string, logger: Logger): ReportSender {
  let isFailing = false;
  const note = (fault: string | undefined) => {
    if (fault !== undefined && !isFailing) {
      logger.log("warn", `Cannot report errors to ${service}; further failures are not logged`, { error: fault });
    } else if (fault === undefined && isFailing) logger.log("info", `Reporting errors to ${service} works again`);
    isFailing = fault !== undefined;
  };
  return async ({ url, headers, body }) => {
    const signal = AbortSignal.timeout(TIMEOUT_MS);
    try {
      const bytes = typeof body === "string" ? body : Buffer.from(body);
      const response = await fetch(url, { method: "POST", headers, body: bytes, signal });
      // Else the connection is not given back.
      await response.arrayBuffer();
      note(response.ok ? undefined : `status ${response.status}`);
      return response;
    } catch (error) {
      note(messageOf(error));
      throw error;
    }
  };
}
