import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
} from "@opentelemetry/sdk-trace";
import { AppError } from "../../errors.ts";

const ROOTS: ReadonlyMap<string, (ratio: number) => Sampler> = new Map<string, (ratio: number) => Sampler>([
  ["always_on", () => new AlwaysOnSampler()],
  ["always_off", () => new AlwaysOffSampler()],
  ["traceidratio", (ratio) => new TraceIdRatioBasedSampler(ratio)],
]);
const PARENT_BASED = "parentbased_";

/**
 * The sampler that OTEL_TRACES_SAMPLER and OTEL_TRACES_SAMPLER_ARG name: which requests are followed when nobody has decided
 * that before. Throws `AppError("config")` for what is not known. Source: OpenTelemetry's specification of these variables.
 */
export function createSampler(name: string, argument: string): Sampler {
  const isParentBased = name.startsWith(PARENT_BASED);
  const makeRoot = ROOTS.get(isParentBased ? name.slice(PARENT_BASED.length) : name);
  if (makeRoot === undefined) {
    const known = [...ROOTS.keys()].flatMap((root) => [root, PARENT_BASED + root]).join(", ");
    throw new AppError("config", `OTEL_TRACES_SAMPLER="${name}" is not known here. Choose among ${known}.`);
  }
  const ratio = argument === "" ? 1 : Number(argument);
  if (!(ratio >= 0 && ratio <= 1)) {
    throw new AppError("config", `OTEL_TRACES_SAMPLER_ARG="${argument}" must be a number from 0 to 1.`);
  }
  const root = makeRoot(ratio);
  return isParentBased ? new ParentBasedSampler({ root }) : root;
}
