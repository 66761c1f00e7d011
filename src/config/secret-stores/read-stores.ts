import { AppError, messageOf } from "../../errors.ts";
import { parseDotenv } from "../dotenv.ts";
import type { Variables } from "../environment.ts";

/** A variable out of a store. */
export type StoredVariable = {
  readonly text: string;
  /** Which store, for people. */
  readonly origin: string;
};

type Store = {
  /** The variable that turns it on. */
  readonly variable: string;
  /** Ends the sentence "it comes from …". */
  readonly name: string;
  /** Loaded only when it is turned on: each brings a library of its own. Rejects with any error. */
  read(id: string, variables: Variables): Promise<ReadonlyMap<string, string>>;
};

/** In the order in which the reference asks them; what comes later wins. */
const STORES: readonly Store[] = [
  {
    variable: "IMGPROXY_ENV_AWS_SECRET_ID",
    name: "AWS Secrets Manager",
    async read(id, variables) {
      const { readAwsSecret } = await import("./aws-secret.ts");
      return readFileOf(await readAwsSecret(id, variables), variables);
    },
  },
  {
    variable: "IMGPROXY_ENV_AWS_SSM_PARAMETERS_PATH",
    name: "AWS Systems Manager",
    async read(path, variables) {
      const { readAwsParameters } = await import("./aws-parameters.ts");
      return readAwsParameters(path, variables);
    },
  },
  {
    variable: "IMGPROXY_ENV_GCP_SECRET_ID",
    name: "Google Secret Manager",
    async read(id, variables) {
      const { readGcpSecret } = await import("./gcp-secret.ts");
      return readFileOf(await readGcpSecret(id, variables), variables);
    },
  },
];

/**
 * Reads the stores of secrets that the environment names. What they hold overrides the environment, as in the reference.
 * Throws `AppError("config")` when one cannot be read: a server without its keys must not start.
 */
export async function readStores(own: Variables): Promise<ReadonlyMap<string, StoredVariable>> {
  const found = new Map<string, StoredVariable>();
  for (const { variable, name, read } of STORES) {
    const id = own[variable]?.trim() ?? "";
    if (id === "") continue;
    const sofar = { ...own, ...Object.fromEntries([...found].map(([key, { text }]) => [key, text])) };
    const origin = `${name}, ${id}`;
    for (const [key, text] of await explained(read(id, sofar), variable, origin)) found.set(key, { text, origin });
  }
  return found;
}

async function explained<T>(reading: Promise<T>, variable: string, origin: string): Promise<T> {
  try {
    return await reading;
  } catch (cause) {
    const reason = messageOf(cause);
    throw new AppError("config", `${variable}: cannot read from ${origin}: ${reason}`, { cause });
  }
}

/** The variables of a text in the form of an environment file. */
function readFileOf(text: string, variables: Variables): ReadonlyMap<string, string> {
  const entries = parseDotenv(text, variables);
  if (!entries.isGood) throw new Error(entries.reason);
  return new Map([...entries.value].map(([name, entry]) => [name, entry.text]));
}
