/** A platform that executables are made for. */
export type Target = {
  readonly name: string;
  /** Bun's name of its runtime for the platform. */
  readonly bun: Bun.Build.CompileTarget;
  /** sharp's name of the platform, in its package and file names. */
  readonly sharp: string;
  /** What the package manager must be told to fetch the native packages of the platform. */
  readonly install: { readonly os: string; readonly cpu: string; readonly libc: string };
};

export const TARGETS: readonly Target[] = [
  {
    name: "linux-x64",
    bun: "bun-linux-x64",
    sharp: "linux-x64",
    install: { os: "linux", cpu: "x64", libc: "glibc" },
  },
  {
    name: "linux-arm64",
    bun: "bun-linux-arm64",
    sharp: "linux-arm64",
    install: { os: "linux", cpu: "arm64", libc: "glibc" },
  },
  {
    name: "linux-x64-musl",
    bun: "bun-linux-x64-musl",
    sharp: "linuxmusl-x64",
    install: { os: "linux", cpu: "x64", libc: "musl" },
  },
  {
    name: "darwin-arm64",
    bun: "bun-darwin-arm64",
    sharp: "darwin-arm64",
    install: { os: "darwin", cpu: "arm64", libc: "glibc" },
  },
];

/** The target that runs on this machine, or undefined when there is none. */
export function hostTarget(): Target | undefined {
  const isMusl = process.platform === "linux" && !("glibcVersionRuntime" in reportHeader());
  const name = `${process.platform}-${process.arch}${isMusl ? "-musl" : ""}`;
  return TARGETS.find((target) => target.name === name);
}

function reportHeader(): object {
  const report: unknown = process.report?.getReport();
  if (typeof report === "object" && report !== null && "header" in report && typeof report.header === "object") {
    return report.header ?? {};
  }
  return {};
}
