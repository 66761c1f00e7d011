/** Variables that the runtime, the C library or systemd read by themselves, for the reference page only. */
export const FOREIGN: ReadonlyMap<string, string> = new Map([
  [
    "UV_THREADPOOL_SIZE",
    "Threads that images are processed on. Chosen at start from IMGPROXY_WORKERS or the CPUs when it is not set.",
  ],
  ["BUN_CONFIG_MAX_HTTP_REQUESTS", "Most downloads at a time. 4096 when it is not set."],
  ["MALLOC_ARENA_MAX", "Memory pools of glibc. 2 when it is not set, which keeps memory from being scattered."],
  ["NODE_EXTRA_CA_CERTS", "PEM file with authorities that are trusted besides the usual ones."],
  ["SSL_CERT_FILE", "PEM file with the authorities to trust."],
  ["NOTIFY_SOCKET", "Set by systemd: the state of the server is told there."],
  ["WATCHDOG_USEC", "Set by systemd: how often it must hear that the server is alive."],
  ["CREDENTIALS_DIRECTORY", "Set by systemd: the folder with the files of LoadCredential=."],
  ["CACHE_DIRECTORY", "Set by systemd: the executable unpacks its libraries there."],
]);
