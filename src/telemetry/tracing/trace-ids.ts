import { type IdGenerator, RandomIdGenerator } from "@opentelemetry/sdk-trace";

/**
 * Makes ids of traces: random ones, or such as AWS X-Ray takes, which begin with the time in seconds.
 * Source: docs.aws.amazon.com/xray, "Generating trace IDs".
 */
export function createTraceIds(kind: "xray" | "random", now: () => number = Date.now): IdGenerator {
  const random = new RandomIdGenerator();
  if (kind === "random") return random;
  return {
    generateSpanId: () => random.generateSpanId(),
    generateTraceId: () => {
      const seconds = Math.floor(now() / 1000)
        .toString(16)
        .padStart(8, "0");
      return seconds + random.generateTraceId().slice(seconds.length);
    },
  };
}
