import { availableCpus } from "../../config/available-cpus.ts";
import { CodecPool } from "../../image/wasm/codec-pool.ts";
import { libraryEnvironment } from "../../native/library-environment.ts";
import { bindSharedFiles } from "../../native/memory-file.ts";

/** Two processes even on one core: a picture that takes long must not hold up all others. */
const LEAST_PROCESSES = 2;

/**
 * The codecs that run in processes of their own, a core each; `sharers` servers share the cores. Nothing is started before the first
 * picture that needs it.
 */
export function createCodecs(sharers = 1): CodecPool {
  const processes = Math.max(LEAST_PROCESSES, Math.ceil(availableCpus() / sharers));
  return new CodecPool({ processes, environment: libraryEnvironment(), createSharedFile: bindSharedFiles() });
}
