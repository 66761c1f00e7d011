/** Log lines and counters of a source, kept for tests to look at. */
import type { LogFields, Logger, LogLevel, Metrics } from "../../src/telemetry/types.ts";

export type LogLine = { readonly level: LogLevel; readonly message: string; readonly fields: LogFields };

export class Recorder {
  readonly lines: LogLine[] = [];
  readonly #counts = new Map<string, number>();
  readonly #gauges = new Map<string, () => number>();

  readonly logger: Logger = {
    log: (level, message, fields = {}) => {
      this.lines.push({ level, message, fields });
    },
  };

  readonly metrics: Metrics = {
    counter: (name) => ({
      add: (value, labels = {}) => {
        for (const key of [name, `${name} ${Object.values(labels).join(" ")}`]) {
          this.#counts.set(key, (this.#counts.get(key) ?? 0) + value);
        }
      },
    }),
    histogram: () => ({ observe: () => undefined }),
    gauge: (name, _, read = () => 0) => {
      this.#gauges.set(name, read);
      return { set: (value) => void this.#gauges.set(name, () => value) };
    },
  };

  /** A counter's sum, or with the values of its labels after a blank, that of one series. */
  count(name: string): number {
    return this.#counts.get(name) ?? 0;
  }

  /** What a gauge reads, or was last set to. */
  gauge(name: string): number {
    return this.#gauges.get(name)?.() ?? Number.NaN;
  }

  /** Messages of a level, for `toEqual` and `toContain`. */
  messages(level: LogLevel): string[] {
    return this.lines.filter((line) => line.level === level).map(({ message }) => message);
  }
}
