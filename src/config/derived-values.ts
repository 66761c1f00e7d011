import type { RowReading } from "./reading.ts";
import type { ConfigKey } from "./variables.ts";

/** Settles values that follow from other variables; `name` then tells which one decided. */
export function deriveValues(readings: readonly RowReading[], version: string): RowReading[] {
  const readingOf = (key: ConfigKey) => readings.find((reading) => reading.key === key);
  return readings.map((reading) => derive(reading, readingOf, version));
}

function derive(
  reading: RowReading,
  readingOf: (key: ConfigKey) => RowReading | undefined,
  version: string,
): RowReading {
  switch (reading.key) {
    case "bind": {
      const port = readingOf("port");
      // The reference passes over negative ports.
      const isPortSet = typeof port?.value === "number" && port.value >= 0;
      const isTaken = reading.name === undefined && isPortSet;
      return isTaken ? { ...reading, value: `:${port.value}`, name: port.name } : reading;
    }
    case "workers":
    case "requestsQueueSize": {
      // A Lambda instance is given one request at a time.
      const lambda = readingOf("awsLambdaFunctionName")?.name;
      return lambda === undefined ? reading : { ...reading, value: reading.key === "workers" ? 1 : 0, name: lambda };
    }
    case "userAgent":
    case "sentryRelease":
      return { ...reading, value: String(reading.value).replaceAll("%current_version", version) };
    case "cacheFsRoot":
      // systemd lists every folder of `CacheDirectory=`; the first is the program's main one.
      return reading.name === "CACHE_DIRECTORY"
        ? { ...reading, value: String(reading.value).split(":", 1)[0] }
        : reading;
    default:
      return reading;
  }
}
