import { readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { AppError, messageOf } from "../errors.ts";
import type { Variables } from "./environment.ts";
import { ROWS } from "./reading.ts";

/** The value of a variable that came in a file of its own, and the path of that file. */
export type Credential = { readonly text: string; readonly path: string };

const FOLDER_VARIABLE = "CREDENTIALS_DIRECTORY";

/** systemd hands over no more than this to a unit. */
const MAX_BYTES = 1024 * 1024;

/**
 * Secrets that systemd hands over as files instead of variables, which every child process would inherit (`LoadCredential=`,
 * see systemd.exec(5)). In the folder that CREDENTIALS_DIRECTORY names, a file called like a variable that is marked secret
 * holds its value; blanks and line breaks around it do not count. What is set under any of the variable's names wins.
 * Throws `AppError("config")` for a file that is there and cannot be read.
 */
export function readCredentials(variables: Variables): ReadonlyMap<string, Credential> {
  const folder = variables[FOLDER_VARIABLE]?.trim() ?? "";
  const credentials = new Map<string, Credential>();
  if (folder === "") return credentials;
  for (const { row } of ROWS) {
    const names = [row.env, ...(row.alternates ?? [])];
    if (!row.isSecret || names.some((name) => (variables[name] ?? "").trim() !== "")) continue;
    const path = join(folder, row.env);
    const text = readText(path, row.env);
    if (text !== "") credentials.set(row.env, { text, path });
  }
  return credentials;
}

/** The text without what is around it, empty when there is no such file. */
function readText(path: string, variable: string): string {
  try {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (!stats?.isFile()) return "";
    if (stats.size > MAX_BYTES) throw new Error(`${stats.size} bytes, at most ${MAX_BYTES} are allowed`);
    return readFileSync(path, "utf8").trim();
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("config", `the credential ${path} cannot be read (${reason}). Mend it, or set ${variable}.`, {
      cause,
    });
  }
}
