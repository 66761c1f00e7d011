import { createSign } from "node:crypto";
import { readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Variables } from "../environment.ts";

/** A service account, as Google's console hands it out. */
type ServiceAccount = {
  readonly email: string;
  readonly privateKey: string;
  readonly tokenUri: string;
  readonly project: string | undefined;
};

/** Whom Google takes us for. */
export type GcpAccess = {
  readonly token: string;
  /** The project that the account belongs to. */
  readonly project: string | undefined;
};

const SCOPE = "https://www.googleapis.com/auth/cloud-platform";
const GRANT_TYPE = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const LIFE_SECONDS = 600;

/**
 * A token for Google's services: by the key given, else the file that GOOGLE_APPLICATION_CREDENTIALS names, else gcloud's own
 * place, else the metadata service of the machine. Only keys of service accounts are taken from files. Google's library for this
 * brings gRPC and sixty packages; the exchange itself is one signed request.
 * Source: developers.google.com, "Using OAuth 2.0 for Server to Server Applications". Rejects when there is no token.
 */
export async function getGcpAccess(key: string, variables: Variables, signal: AbortSignal): Promise<GcpAccess> {
  const text = key.trim() || (await readKeyFile(variables));
  if (text === undefined) return askMetadata(variables, signal);
  const account = readAccount(text);
  const answer = await fetch(account.tokenUri, {
    method: "POST",
    body: new URLSearchParams({ grant_type: GRANT_TYPE, assertion: signedClaim(account) }),
    signal,
  });
  return { token: await tokenIn(answer, "the token service of Google"), project: account.project };
}

async function readKeyFile(variables: Variables): Promise<string | undefined> {
  const named = variables["GOOGLE_APPLICATION_CREDENTIALS"];
  if (named) return readFile(named, "utf8");
  const usual = join(variables["HOME"] || homedir(), ".config/gcloud/application_default_credentials.json");
  return readFile(usual, "utf8").catch(() => undefined);
}

function readAccount(text: string): ServiceAccount {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch {
    // Its message would quote the key.
    throw new Error("the key is no JSON");
  }
  const read = (name: string) => {
    // Only objects have members that are read here.
    const value = typeof json === "object" && json !== null ? (json as Record<string, unknown>)[name] : undefined;
    return typeof value === "string" ? value : undefined;
  };
  const email = read("client_email");
  const privateKey = read("private_key");
  if (read("type") !== "service_account" || email === undefined || privateKey === undefined) {
    throw new Error("the key is not one of a service account");
  }
  const tokenUri = read("token_uri") ?? "https://oauth2.googleapis.com/token";
  return { email, privateKey, tokenUri, project: read("project_id") };
}

/** A claim to be the account, signed with its key (RFC 7523). */
function signedClaim({ email, privateKey, tokenUri }: ServiceAccount): string {
  const now = Math.floor(Date.now() / 1000);
  const claim = { iss: email, scope: SCOPE, aud: tokenUri, iat: now, exp: now + LIFE_SECONDS };
  const parts = [{ alg: "RS256", typ: "JWT" }, claim].map((part) =>
    Buffer.from(JSON.stringify(part)).toString("base64url"),
  );
  const signature = createSign("RSA-SHA256").update(parts.join(".")).sign(privateKey, "base64url");
  return [...parts, signature].join(".");
}

async function askMetadata(variables: Variables, signal: AbortSignal): Promise<GcpAccess> {
  const base = `http://${variables["GCE_METADATA_HOST"] || "metadata.google.internal"}/computeMetadata/v1`;
  const ask = (path: string) => fetch(`${base}/${path}`, { headers: { "Metadata-Flavor": "Google" }, signal });
  const token = await tokenIn(await ask("instance/service-accounts/default/token"), "the metadata service");
  const project = await ask("project/project-id");
  return { token, project: project.ok ? (await project.text()).trim() : undefined };
}

async function tokenIn(answer: Response, who: string): Promise<string> {
  const body: unknown = await answer.json().catch(() => undefined);
  const token = typeof body === "object" && body !== null && "access_token" in body ? body.access_token : undefined;
  if (!answer.ok || typeof token !== "string") throw new Error(`${who} gives no token (status ${answer.status})`);
  return token;
}
