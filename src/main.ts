import { CODEC_PROCESS_COMMAND, SHARED_FILE, SHARED_FILE_FLAG } from "./image/wasm/codec-command.ts";
import { BUILD_INFO } from "./native/build-info.ts";
import { tuneProcess } from "./native/tuning.ts";

// First of all, before anything is loaded: some settings only count from the start of a process, and the commands that
// work on images get them by starting over once. The short commands are not worth the ten milliseconds.
const IMAGE_COMMANDS = new Set(["serve", "demo", "process", "doctor"]);
const command = process.argv[2] ?? "serve";
if (IMAGE_COMMANDS.has(command) || (command.startsWith("-") && !/^--?(h|help|version)$/.test(command)))
  tuneProcess(BUILD_INFO.isCompiled);

if (command === CODEC_PROCESS_COMMAND) {
  // What a server starts for work that has to be ended from outside; nothing of the command line is loaded for it.
  const [{ runCodecProcess }, { createExactLoader }] = await Promise.all([
    import("./image/wasm/codec-process.ts"),
    import("./native/memory-file.ts"),
  ]);
  await runCodecProcess(createExactLoader(), process.argv.includes(SHARED_FILE_FLAG) ? SHARED_FILE : null);
} else {
  const { run } = await import("./cli/run.ts");
  process.exitCode = await run(process.argv.slice(2), {
    out: (text) => process.stdout.write(text),
    err: (text) => process.stderr.write(text),
    isInteractive: process.stderr.isTTY === true,
  });
  // Work of libvips whose request was cut at a stop cannot be stopped, and the process would wait for it. What was written goes
  // out first: an end waits for that, while Bun 1.4.5 calls back after an empty write without looking.
  process.stderr.end(() => process.stdout.end(() => process.exit()));
}
