import type { TextMapPropagator } from "@opentelemetry/api";
import { CompositePropagator, W3CBaggagePropagator, W3CTraceContextPropagator } from "@opentelemetry/core";
import { AWSXRayPropagator } from "@opentelemetry/propagator-aws-xray";
import { B3InjectEncoding, B3Propagator } from "@opentelemetry/propagator-b3";
import { AppError } from "../../errors.ts";

/** Ways to write a trace into headers, under the names that OTEL_PROPAGATORS has for them. */
const PROPAGATORS: ReadonlyMap<string, () => TextMapPropagator> = new Map<string, () => TextMapPropagator>([
  ["tracecontext", () => new W3CTraceContextPropagator()],
  ["baggage", () => new W3CBaggagePropagator()],
  ["b3", () => new B3Propagator()],
  ["b3multi", () => new B3Propagator({ injectEncoding: B3InjectEncoding.MULTI_HEADER })],
  ["xray", () => new AWSXRayPropagator()],
]);

/** Joins the named ways; `none` is no way at all. Throws `AppError("config")` for a name that is not known. */
export function createPropagator(names: readonly string[]): TextMapPropagator {
  const propagators = names
    .filter((name) => name !== "none")
    .map((name) => {
      const make = PROPAGATORS.get(name.toLowerCase());
      if (make !== undefined) return make();
      const known = [...PROPAGATORS.keys(), "none"].join(", ");
      throw new AppError("config", `OTEL_PROPAGATORS: "${name}" is not known here. Choose among ${known}.`);
    });
  return new CompositePropagator({ propagators });
}
