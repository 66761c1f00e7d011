import type { ErrorReporter } from "../types.ts";

/** One reporter that tells several services. */
export function joinReporters(reporters: readonly ErrorReporter[]): ErrorReporter {
  return {
    report(report) {
      for (const reporter of reporters) reporter.report(report);
    },
    async close(timeoutMs) {
      await Promise.all(reporters.map((reporter) => reporter.close(timeoutMs)));
    },
  };
}
