import { readFileSync, statSync } from "node:fs";
import { AppError, messageOf } from "../errors.ts";
import { readCredentials } from "./credentials.ts";
import { parseDotenv } from "./dotenv.ts";
import type { Origins } from "./origins.ts";
import { readStores } from "./secret-stores/read-stores.ts";

/** Names and texts of variables, as `process.env` has them. */
export type Variables = Readonly<Record<string, string | undefined>>;

/** A file that variables came from, and the line of each. */
export type EnvironmentFile = { readonly path: string; readonly lines: ReadonlyMap<string, number> };

/** The variables that count, after stores and a file have overridden what they name and credentials have given what is still unset. */
export type Environment = Origins & { readonly variables: Variables };

const FILE_VARIABLE = "IMGPROXY_ENV_LOCAL_FILE_PATH";

/**
 * Reads the environment, the file that IMGPROXY_ENV_LOCAL_FILE_PATH names, whose values win, as in the reference, and
 * the credentials of systemd, for secrets that are set in neither. A path that is no file is passed over (`loadConfig` warns
 * about it). Throws `AppError("config")` for a file that cannot be read or understood. The only reader of `process.env`.
 */
export function readEnvironment(own: Variables = process.env): Environment {
  const { variables, file } = readWithFile(own);
  const credentials = [...readCredentials(variables)];
  const texts = Object.fromEntries(credentials.map(([name, { text }]) => [name, text]));
  const paths = new Map(credentials.map(([name, { path }]) => [name, path]));
  return { variables: { ...variables, ...texts }, file, credentials: paths };
}

function readWithFile(own: Variables): Environment {
  const path = own[FILE_VARIABLE]?.trim() ?? "";
  if (path === "" || !statSync(path, { throwIfNoEntry: false })?.isFile()) return { variables: { ...own }, file: null };
  const entries = parseDotenv(readText(path), own);
  if (!entries.isGood) {
    const message = `${FILE_VARIABLE}="${path}": ${entries.reason}. Correct the file or remove the variable.`;
    throw new AppError("config", message);
  }
  const variables = { ...own, ...Object.fromEntries([...entries.value].map(([name, { text }]) => [name, text])) };
  const lines = new Map([...entries.value].map(([name, { line }]) => [name, line]));
  return { variables, file: { path, lines } };
}

/**
 * Reads as `readEnvironment` does, and before that the stores of secrets that the environment names (IMGPROXY_ENV_AWS_*,
 * IMGPROXY_ENV_GCP_*). Throws `AppError("config")` also when one of these cannot be read.
 */
export async function loadEnvironment(own: Variables = process.env): Promise<Environment> {
  // What opens a store may have come as a credential.
  const keys = Object.fromEntries([...readCredentials(own)].map(([name, { text }]) => [name, text]));
  const stored = [...(await readStores({ ...own, ...keys }))];
  if (stored.length === 0) return readEnvironment(own);
  const texts = Object.fromEntries(stored.map(([name, { text }]) => [name, text]));
  const stores = new Map(stored.map(([name, { origin }]) => [name, origin]));
  return { ...readEnvironment({ ...own, ...texts }), stores };
}

/**
 * Loads as `loadEnvironment` does, as often as it is called, over the environment as it is now: what a file or store said before
 * and says no more is gone, even after `publishEnvironment`.
 */
export function createEnvironmentReader(): () => Promise<Environment> {
  const own = { ...process.env };
  return () => loadEnvironment(own);
}

/** Puts what files and stores say into `process.env`, for libraries that look there themselves, such as the AWS SDK. */
export function publishEnvironment({ variables, file, stores, credentials }: Environment): void {
  const names = [...(stores?.keys() ?? []), ...(file?.lines.keys() ?? []), ...(credentials?.keys() ?? [])];
  for (const name of names) process.env[name] = variables[name];
}

function readText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("config", `${FILE_VARIABLE}="${path}": cannot be read (${reason}). Let this user read it.`, {
      cause,
    });
  }
}
