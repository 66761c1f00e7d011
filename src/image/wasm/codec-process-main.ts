/** Entry of a codec process when the program runs from source; the executable has the command `codec-process`. */
import { runCodecProcess } from "./codec-process.ts";

await runCodecProcess();
