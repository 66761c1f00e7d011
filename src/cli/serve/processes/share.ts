import type { Config } from "../../../config/config.ts";

/** Which part of a server with several processes one of them is. */
export type ProcessShare = {
  /** 1 to `processes`. */
  readonly index: number;
  readonly processes: number;
  /** The address that all of them listen on; its port is never 0. */
  readonly bind: string;
  /** Whether what it writes ends on a terminal: it goes through a pipe first. */
  readonly isTerminal: boolean;
};

/** The smallest that IMGPROXY_CACHE_MEMORY_SIZE may be. */
const LEAST_CACHE_BYTES = 2 ** 20;

/** The settings of one process: the variables speak of the whole server, so what they bound is divided. */
export function takeShare(config: Config, share: ProcessShare): Config {
  const { processes, bind } = share;
  return Object.freeze({
    ...config,
    bind,
    soReuseport: true,
    workers: partOf(config.workers, share),
    // 0 stays 0, which is no limit.
    requestsQueueSize: Math.ceil(config.requestsQueueSize / processes),
    maxClients: Math.ceil(config.maxClients / processes),
    cacheMemorySizeBytes: Math.max(Math.floor(config.cacheMemorySizeBytes / processes), LEAST_CACHE_BYTES),
  });
}

/** Shares of a whole number that add up to it, as equal as can be. */
function partOf(total: number, { index, processes }: ProcessShare): number {
  return Math.floor(total / processes) + (index <= total % processes ? 1 : 0);
}
