import { availableCpus } from "./available-cpus.ts";
import type { RowReading } from "./reading.ts";
import { AUTO_COUNT } from "./types/number-types.ts";
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
    case "processes":
      return deriveProcesses(reading, readingOf);
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

function deriveProcesses(reading: RowReading, readingOf: (key: ConfigKey) => RowReading | undefined): RowReading {
  const lambda = readingOf("awsLambdaFunctionName")?.name;
  if (lambda !== undefined) return { ...reading, value: 1, name: lambda };
  if (reading.value !== AUTO_COUNT) return reading;
  const network = readingOf("network")?.value;
  const canSpread = process.platform === "linux" && network !== "unix" && network !== "unixpacket";
  const workers = Number(readingOf("workers")?.value);
  return { ...reading, value: canSpread ? Math.min(fittingProcesses(availableCpus()), workers) : 1 };
}

/**
 * CPUs that the JavaScript thread of one process keeps busy. For thumbnails of small pictures, the least work there is, it takes a
 * sixth of the CPU time of each, for photographs a twenty-fourth (measured, see docs/tuning.md): eight are well within a mixture.
 */
const CPUS_A_PROCESS = 8;

/** As many processes as `auto` means on a machine with so many CPUs. */
export function fittingProcesses(cpus: number): number {
  return Math.ceil(cpus / CPUS_A_PROCESS);
}
