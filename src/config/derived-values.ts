import type { RowReading } from "./reading.ts";
import type { ConfigKey } from "./variables.ts";

type Change = Pick<RowReading, "value" | "name">;

/** Settles values that follow from other variables; `name` then tells which one decided. */
export function deriveValues(readings: readonly RowReading[], version: string): RowReading[] {
  const byKey = new Map(readings.map((reading) => [reading.key, reading]));
  return readings.map((reading) => ({ ...reading, ...changeOf(reading, byKey, version) }));
}

function changeOf(
  { key, name, value }: RowReading,
  byKey: ReadonlyMap<ConfigKey, RowReading>,
  version: string,
): Change | undefined {
  switch (key) {
    case "bind": {
      const port = byKey.get("port");
      // The reference passes over negative ports.
      const isPortSet = typeof port?.value === "number" && port.value >= 0;
      return name === undefined && isPortSet ? { value: `:${port.value}`, name: port.name } : undefined;
    }
    case "workers":
    case "requestsQueueSize": {
      // A Lambda instance is given one request at a time.
      const lambda = byKey.get("awsLambdaFunctionName")?.name;
      return lambda === undefined ? undefined : { value: key === "workers" ? 1 : 0, name: lambda };
    }
    case "userAgent":
    case "sentryRelease":
      return { value: String(value).replaceAll("%current_version", version), name };
    default:
      return undefined;
  }
}
