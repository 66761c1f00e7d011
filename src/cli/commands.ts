import type { Command, Flag } from "./command.ts";
import { SHELLS } from "./render-completions.ts";

const JSON_FLAG: Flag = { name: "json", type: "boolean", doc: "Print JSON for programs." };

/** Every command, in the order in which help lists them. */
export const COMMANDS: readonly Command[] = [
  {
    name: "serve",
    summary: "Serve images (what happens without a command, too).",
    usage: "serve [FOLDER] [--bind ADDRESS]",
    details:
      "Reads its settings from the IMGPROXY_* variables; see `imgproxy config`.\n" +
      "With a FOLDER it serves the images in it for a first look: unsigned, on the loopback address only,\n" +
      "with errors explained in full.",
    flags: [
      { name: "bind", short: "b", type: "string", value: "ADDRESS", doc: "Listen here instead of IMGPROXY_BIND." },
    ],
    words: { min: 0, max: 1 },
    examples: [
      { command: "imgproxy", doc: "serve with the settings of the environment" },
      { command: "imgproxy serve ./photos", doc: "look at a folder, no settings needed" },
      { command: "IMGPROXY_USE_S3=true imgproxy serve --bind 127.0.0.1:9000", doc: "S3 sources, another address" },
    ],
    load: async () => (await import("./serve-command.ts")).serveCommand,
  },
  {
    name: "demo",
    summary: "Serve sample photographs, from a MinIO of its own where one can be had.",
    usage: "demo [--bind ADDRESS]",
    details:
      "Looks for an S3 endpoint in IMGPROXY_S3_ENDPOINT, then for `minio` on PATH, then for the one that\n" +
      "scripts/start keeps in the user's cache. Without any it serves the samples that this executable carries.\n" +
      "Everything it starts ends with it.",
    flags: [
      { name: "bind", short: "b", type: "string", value: "ADDRESS", doc: "Listen here instead of 127.0.0.1:8080." },
    ],
    words: { min: 0, max: 0 },
    examples: [{ command: "imgproxy demo", doc: "prints the address and three URLs to try" }],
    load: async () => (await import("./demo/demo-command.ts")).demoCommand,
  },
  {
    name: "health",
    summary: "Ask the server that these settings describe whether it is well.",
    usage: "health [--timeout SECONDS]",
    details:
      "Uses IMGPROXY_BIND, IMGPROXY_NETWORK and IMGPROXY_PATH_PREFIX. Exit status 0 when it answers 200, else 1.\n" +
      "For systemd, containers and load balancers.",
    flags: [{ name: "timeout", type: "string", value: "SECONDS", doc: "How long to wait (default 5)." }],
    words: { min: 0, max: 0 },
    examples: [{ command: "imgproxy health && echo fine", doc: "in a script" }],
    load: async () => (await import("./health-command.ts")).healthCommand,
  },
  {
    name: "config",
    summary: "Show every setting with its value, where it came from and its default.",
    usage: "config [--check] [--changed] [--json]",
    details:
      "Secrets are masked. --check only validates: it prints every mistake at once and exits with 1, or says `ok`.",
    flags: [
      { name: "check", type: "boolean", doc: "Validate the settings and exit." },
      { name: "changed", type: "boolean", doc: "Only settings that differ from their default." },
      JSON_FLAG,
    ],
    words: { min: 0, max: 0 },
    examples: [
      { command: "imgproxy config --changed", doc: "what this machine sets" },
      { command: "imgproxy config --check", doc: "before a restart" },
    ],
    load: async () => (await import("./config-command.ts")).configCommand,
  },
  {
    name: "url",
    summary: "Build and sign a URL, or take one apart and explain it.",
    usage: "url [OPTIONS] SOURCE [--extension EXT] [--base URL] | url --explain URL",
    details:
      "OPTIONS are processing options as in a URL, SOURCE is a source URL such as s3://bucket/key.\n" +
      "Signed with IMGPROXY_KEY and IMGPROXY_SALT when they are set, else `unsafe`.",
    flags: [
      { name: "extension", short: "e", type: "string", value: "EXT", doc: "Output format, e.g. webp." },
      { name: "base", type: "string", value: "URL", doc: "Put this before the path, e.g. https://img.example.com." },
      { name: "base64", type: "boolean", doc: "Write the source as base64 instead of plain." },
      { name: "explain", type: "boolean", doc: "Take the given URL or path apart." },
      JSON_FLAG,
    ],
    words: { min: 1, max: 2 },
    examples: [
      {
        command: "imgproxy url rs:fill:300:200/g:sm s3://bucket/cat.jpg -e webp",
        doc: "a path to put behind the host",
      },
      { command: "imgproxy url --explain /unsafe/w:300/plain/s3://bucket/cat.jpg@webp", doc: "what a path means" },
    ],
    load: async () => (await import("./url-command.ts")).urlCommand,
  },
  {
    name: "process",
    summary: "Process a file without a server.",
    usage: "process FILE OPTIONS [OUT] [--explain]",
    details:
      "The same pipeline as the server's. The format follows from OUT's extension unless OPTIONS name one;\n" +
      "`-` as OUT writes to standard output. --explain prints the plan (sizes, crops, passes) out of the file's header;\n" +
      "without OUT that is all.",
    flags: [{ name: "explain", type: "boolean", doc: "Print what will be done, step by step." }],
    words: { min: 2, max: 3 },
    examples: [
      { command: "imgproxy process cat.jpg rs:fit:300:300/q:80 cat.webp", doc: "one picture" },
      { command: "imgproxy process cat.jpg rs:fill:300:200/g:sm --explain", doc: "only the plan" },
    ],
    load: async () => (await import("./process-command.ts")).processCommand,
  },
  {
    name: "s3",
    summary: "Check the way to an S3 object, step by step.",
    usage: "s3 check s3://BUCKET/KEY",
    details:
      "Says which credentials were found and where, whose they are, which region and endpoint are used,\n" +
      "then tries the object and explains what fails.",
    flags: [],
    words: { min: 2, max: 2, choices: ["check"] },
    examples: [{ command: "imgproxy s3 check s3://my-bucket/cat.jpg", doc: "with the settings of the environment" }],
    load: async () => (await import("./s3-command.ts")).s3Command,
  },
  {
    name: "doctor",
    summary: "Examine this machine, the libraries, the settings and every format.",
    usage: "doctor [s3://BUCKET/KEY] [--json]",
    details:
      "Prints a line for everything it looks at, and a cure behind everything that is not well.\n" +
      "With an s3:// URL it goes the way to that object as `imgproxy s3 check` does. Exit status 1 when something fails.",
    flags: [JSON_FLAG],
    words: { min: 0, max: 1 },
    examples: [
      { command: "imgproxy doctor", doc: "before the first start" },
      { command: "imgproxy doctor s3://my-bucket/cat.jpg", doc: "and the way to an object" },
    ],
    load: async () => (await import("./doctor-command.ts")).doctorCommand,
  },
  {
    name: "completion",
    summary: "Print the completions for a shell.",
    usage: "completion bash|zsh|fish",
    details: "The packages bring them; otherwise put this where the shell looks for completions.",
    flags: [],
    words: { min: 1, max: 1, choices: SHELLS },
    examples: [
      { command: 'eval "$(imgproxy completion bash)"', doc: "for this shell only" },
      { command: "imgproxy completion fish > ~/.config/fish/completions/imgproxy.fish", doc: "for good" },
    ],
    load: async () => (await import("./completion-command.ts")).createCompletionCommand(COMMANDS),
  },
  {
    name: "manual",
    summary: "Print the manual page: commands, variables, signals.",
    usage: "manual",
    details: "For `man`, in the language that it reads; the packages install it.",
    flags: [],
    words: { min: 0, max: 0 },
    examples: [{ command: "imgproxy manual | man -l -", doc: "read it" }],
    load: async () => (await import("./manual-command.ts")).createManualCommand(COMMANDS),
  },
  {
    name: "version",
    summary: "Print the version, commit and library versions.",
    usage: "version [--json | --licenses]",
    details: "",
    flags: [
      JSON_FLAG,
      { name: "licenses", type: "boolean", doc: "Print what software the executable carries, and its licences." },
    ],
    words: { min: 0, max: 0 },
    examples: [{ command: "imgproxy version", doc: "" }],
    load: async () => (await import("./version-command.ts")).versionCommand,
  },
];
