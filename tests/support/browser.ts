import { type Browser, chromium } from "playwright-core";

/** What Chromium and its relatives are called, here and there. */
const NAMES = [
  "chromium",
  "chromium-browser",
  "google-chrome",
  "google-chrome-stable",
  "chrome",
  "brave-browser",
  "microsoft-edge",
];

/** The Chromium on PATH, or undefined; then one line says how to get one, so that nobody takes its tests for passed. */
export function findBrowser(): string | undefined {
  const path = NAMES.map((name) => Bun.which(name)).find((found) => found !== null) ?? undefined;
  if (path === undefined) {
    console.error("no Chromium on PATH, the browser tests do not run: apt-get install -y chromium");
  }
  return path;
}

/** Starts it without a window. */
export function startBrowser(executablePath: string): Promise<Browser> {
  // Chromium's own sandbox refuses to run as root, as which containers build.
  const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
  return chromium.launch({ executablePath, args: [...args, "--disable-gpu", "--disable-dev-shm-usage"] });
}
