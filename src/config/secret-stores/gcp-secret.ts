import type { Variables } from "../environment.ts";
import { getGcpAccess } from "./gcp-token.ts";
import { STORE_TIMEOUT_MS } from "./store-timeout.ts";

const DEFAULT_ENDPOINT = "https://secretmanager.googleapis.com/";

/**
 * The text of a secret in Google Secret Manager. Rejects when it cannot be had.
 * Source: its REST interface, projects.secrets.versions.access.
 */
export async function readGcpSecret(id: string, variables: Variables): Promise<string> {
  const signal = AbortSignal.timeout(STORE_TIMEOUT_MS);
  const access = await getGcpAccess(variables["IMGPROXY_ENV_GCP_KEY"] ?? "", variables, signal);
  const project = variables["IMGPROXY_ENV_GCP_SECRET_PROJECT_ID"]?.trim() || access.project;
  if (project === undefined) throw new Error("set IMGPROXY_ENV_GCP_SECRET_PROJECT_ID");
  const version = variables["IMGPROXY_ENV_GCP_SECRET_VERSION_ID"]?.trim() || "latest";
  const [where, what, which] = [project, id, version].map(encodeURIComponent);
  const endpoint = variables["CLOUDSDK_API_ENDPOINT_OVERRIDES_SECRETMANAGER"] || DEFAULT_ENDPOINT;
  const url = `${endpoint.replace(/\/$/, "")}/v1/projects/${where}/secrets/${what}/versions/${which}:access`;
  const answer = await fetch(url, { headers: { Authorization: `Bearer ${access.token}` }, signal });
  const body: unknown = await answer.json().catch(() => undefined);
  if (!answer.ok) throw new Error(`Secret Manager answers with status ${answer.status}`);
  const data = member(member(body, "payload"), "data");
  if (typeof data !== "string") throw new Error("Secret Manager's answer holds no secret");
  return Buffer.from(data, "base64").toString("utf8");
}

function member(value: unknown, name: string): unknown {
  // Only objects have members that are read here.
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
