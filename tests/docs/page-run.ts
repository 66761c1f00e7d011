import { chmod, copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { EXECUTABLE, freePort } from "../support/executable.ts";
import type { CodeBlock } from "./markdown.ts";
import type { Page } from "./pages.ts";
import { minioWithPhotos, photograph } from "./photo-bucket.ts";
import { type BlockResult, ShellSession } from "./shell-session.ts";

/** Pages whose blocks are run in a folder where the executable has been put, and nothing else. */
export const NEWCOMERS_PAGES = ["README.md", "docs/quick-start.md"];

/** Marks of the blocks that a page has: `sh` runs; `sh server` runs on, in the background; `sh no-test` is only read. */
const SERVER = "server";
export const NOT_RUN = "no-test";
/** Mark of a `text` block that shows what the block before it prints; `…` stands for anything. */
const OUTPUT = "output";

/** What the pages take for granted, and what stands for it here. */
const REGION = "us-east-1";
const WELL_KNOWN = { server: "127.0.0.1:8080", minio: "http://127.0.0.1:9000", keys: "minioadmin" };

export type Stage = {
  /** Where the reader stands: the executable, and a folder of photographs. */
  readonly folder: string;
  readonly notes: string;
  readonly env: Record<string, string>;
  /** Addresses and keys of a page, replaced by those of this run. Nothing else of a command is changed. */
  rewrite(text: string): string;
  readonly serverUrl: string;
};

/** A folder as a newcomer has it, and a store with the bucket `photos`. */
export async function setStage(root: string): Promise<Stage> {
  const folder = join(root, "folder");
  await mkdir(join(folder, "photos"), { recursive: true });
  await copyFile(EXECUTABLE, join(folder, "imgproxy"));
  // As browsers and curl leave what they have fetched.
  await chmod(join(folder, "imgproxy"), 0o644);
  await writeFile(join(folder, "photos/cat.jpg"), await photograph());
  const minio = await minioWithPhotos(REGION);
  const bind = `127.0.0.1:${await freePort()}`;
  const { accessKeyId, secretAccessKey } = minio.credentials;
  const rewrite = (text: string) =>
    text
      .replaceAll(WELL_KNOWN.server, bind)
      .replaceAll(WELL_KNOWN.minio, minio.endpoint)
      .replace(/\bimgproxy (serve|demo)\b/g, `imgproxy $1 --bind ${bind}`)
      .replaceAll(`AWS_ACCESS_KEY_ID=${WELL_KNOWN.keys}`, `AWS_ACCESS_KEY_ID=${accessKeyId}`)
      .replaceAll(`AWS_SECRET_ACCESS_KEY=${WELL_KNOWN.keys}`, `AWS_SECRET_ACCESS_KEY=${secretAccessKey}`);
  const { PATH = "" } = process.env;
  const env = { PATH, HOME: join(root, "home"), IMGPROXY_BIND: bind, AWS_EC2_METADATA_DISABLED: "true" };
  return { folder, notes: join(root, "notes"), env, rewrite, serverUrl: `http://${bind}` };
}

export type BlockRun = BlockResult & {
  readonly line: number;
  readonly text: string;
  /** For a server, until it answers. */
  readonly seconds: number;
};

/**
 * Runs the shell blocks of a page one after the other, as a reader would, then `atEnd` while the last server still runs. Throws
 * where one fails or prints something else than the page shows.
 */
export async function runPage(
  page: Page,
  stage: Stage,
  atEnd: (session: ShellSession) => Promise<void> = async () => undefined,
): Promise<readonly BlockRun[]> {
  const session = await ShellSession.open(stage);
  const runs: BlockRun[] = [];
  try {
    for (const block of page.blocks) {
      if (block.language === "text" && block.marks.includes(OUTPUT)) {
        requireOutput(page, stage.rewrite(block.text), runs.at(-1));
        continue;
      }
      if (block.language !== "sh" || block.marks.includes(NOT_RUN)) continue;
      const startedAt = performance.now();
      const { status, output } = await runBlock(session, block, stage);
      const seconds = (performance.now() - startedAt) / 1000;
      const { line, text } = block;
      if (status !== 0) throw new Error(`${page.path}:${line} ended with ${status}:\n${text}\n${output}`);
      runs.push({ line, text, status, output, seconds });
    }
    await atEnd(session);
    return runs;
  } finally {
    await session.close();
  }
}

function runBlock(session: ShellSession, block: CodeBlock, { rewrite, serverUrl }: Stage) {
  const text = rewrite(block.text);
  if (!block.marks.includes(SERVER)) return session.run(text);
  return session.start(text, () =>
    fetch(`${serverUrl}/health`).then(
      ({ ok }) => ok,
      () => false,
    ),
  );
}

/** Every line that the page shows must be printed, in that order. */
export function requireOutput(page: Page, shown: string, run: Pick<BlockRun, "line" | "output"> | undefined): void {
  if (run === undefined) throw new Error(`${page.path} shows output of no block`);
  const printed = run.output.split("\n");
  let at = 0;
  for (const line of shown.split("\n")) {
    const pattern = new RegExp(`^${line.trimEnd().split("…").map(RegExp.escape).join(".*")}$`);
    const found = printed.findIndex((text, index) => index >= at && pattern.test(text.trimEnd()));
    if (found < 0) throw new Error(`${page.path}:${run.line} should print\n${line}\nand prints\n${run.output}`);
    at = found + 1;
  }
}
