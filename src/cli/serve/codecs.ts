import { availableCpus } from "../../config/available-cpus.ts";
import { CodecPool } from "../../image/wasm/codec-pool.ts";
import { libraryEnvironment } from "../../native/library-environment.ts";
import { bindSharedFiles } from "../../native/memory-file.ts";

/**
 * The codecs that run in processes of their own, a core each and one more, so that no core waits while a result is handed over (4 %
 * more drawings on two cores, November 2026) and a picture that takes long does not hold up all others on one core. `sharers` servers
 * share the cores. Nothing is started before the first picture that needs it.
 */
export function createCodecs(sharers = 1): CodecPool {
  const processes = Math.ceil(availableCpus() / sharers) + 1;
  return new CodecPool({ processes, environment: libraryEnvironment(), createSharedFile: bindSharedFiles() });
}
