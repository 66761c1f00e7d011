import { BUILD_INFO } from "./native/build-info.ts";
import { tuneProcess } from "./native/tuning.ts";

// First of all, before anything is loaded: some settings only count from the start of a process.
const SHORT_COMMANDS = new Set(["version", "help", "health", "url", "config", "--help", "-h", "--version"]);
if (!SHORT_COMMANDS.has(process.argv[2] ?? "")) tuneProcess(BUILD_INFO.isCompiled);

const { run } = await import("./cli/run.ts");
process.exitCode = await run(process.argv.slice(2));
