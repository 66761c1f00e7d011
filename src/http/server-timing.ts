import type { RequestTrace } from "./request-trace.ts";

/** The value of `Server-Timing`: the stages so far, the pipeline's own parts of the processing, and the total, in ms. */
export function serverTiming(trace: RequestTrace): string {
  const parts = [
    ...trace.stages,
    ...Object.entries(trace.rendered?.timings ?? {}),
    ["total", trace.elapsedMs] as const,
  ];
  return parts.map(([name, ms]) => `${name};dur=${ms.toFixed(1)}`).join(", ");
}
