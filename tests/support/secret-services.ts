/** Stands in for the stores of secrets of AWS and Google, on one port of the loopback interface. */
import { generateKeyPairSync, verify } from "node:crypto";
import { createServer, type IncomingHttpHeaders, type IncomingMessage } from "node:http";

type Answer = { readonly status: number; readonly body: unknown };

export class SecretServices implements AsyncDisposable {
  /** Of AWS Secrets Manager, by name and then by version or stage; `""` = the current one. */
  readonly awsSecrets = new Map<string, Readonly<Record<string, string>>>();
  readonly awsParameters: { Name: string; Value: string; DataType?: string }[] = [];
  /** Of Google, by the path below `/v1/`. */
  readonly gcpSecrets = new Map<string, string>();
  readonly requests: { readonly path: string; readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  /** A key of a service account whose tokens are made here. */
  readonly serviceAccount: Readonly<Record<string, string>>;
  readonly url: string;
  readonly #publicKey: string;
  readonly #close: () => Promise<void>;

  private constructor(url: string, close: () => Promise<void>) {
    this.url = url;
    this.#close = close;
    const pair = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    this.#publicKey = pair.publicKey;
    this.serviceAccount = {
      type: "service_account",
      project_id: "account-project",
      client_email: "reader@account-project.iam.gserviceaccount.com",
      private_key: pair.privateKey,
      token_uri: `${url}/token`,
    };
  }

  static async start(): Promise<SecretServices> {
    let services: SecretServices | undefined;
    const server = createServer(async (incoming, outgoing) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const { status, body } = services?.answer(incoming, Buffer.concat(chunks).toString()) ?? {
        status: 500,
        body: {},
      };
      outgoing.writeHead(status, { "content-type": "application/x-amz-json-1.1" });
      outgoing.end(typeof body === "string" ? body : JSON.stringify(body));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    const port = typeof address === "object" ? address?.port : 0;
    services = new SecretServices(
      `http://127.0.0.1:${port}`,
      () =>
        new Promise((resolve) => {
          server.close(() => resolve());
          server.closeAllConnections();
        }),
    );
    return services;
  }

  /** What AWS's SDK must find in the environment to come here. */
  get awsEnvironment(): Record<string, string> {
    return { AWS_ENDPOINT_URL: this.url, AWS_ACCESS_KEY_ID: "AKIDTEST", AWS_SECRET_ACCESS_KEY: "secret" };
  }

  answer(incoming: IncomingMessage, body: string): Answer {
    const path = incoming.url ?? "";
    this.requests.push({ path, headers: incoming.headers, body });
    const action = String(incoming.headers["x-amz-target"] ?? "");
    if (action.endsWith("GetSecretValue")) return this.#awsSecret(JSON.parse(body));
    if (action.endsWith("GetParametersByPath")) return this.#awsPage(JSON.parse(body));
    if (path === "/token") return this.#token(new URLSearchParams(body));
    if (path.startsWith("/v1/")) return this.#gcpSecret(path.slice("/v1/".length), incoming.headers);
    const isFromMachine = incoming.headers["metadata-flavor"] === "Google";
    if (isFromMachine && path.endsWith("/token")) return { status: 200, body: { access_token: "machine-token" } };
    if (isFromMachine && path.endsWith("/project-id")) return { status: 200, body: "machine-project" };
    return { status: 404, body: {} };
  }

  #awsSecret(asked: { SecretId: string; VersionId?: string; VersionStage?: string }): Answer {
    const text = this.awsSecrets.get(asked.SecretId)?.[asked.VersionId ?? asked.VersionStage ?? ""];
    if (text === undefined)
      return { status: 400, body: { __type: "ResourceNotFoundException", message: "no such secret" } };
    return { status: 200, body: { Name: asked.SecretId, SecretString: text } };
  }

  /** Two a page, so that there are some. */
  #awsPage(asked: { Path: string; Recursive?: boolean; WithDecryption?: boolean; NextToken?: string }): Answer {
    if (!asked.Recursive || !asked.WithDecryption) return { status: 400, body: { __type: "ValidationException" } };
    const all = this.awsParameters.filter(({ Name }) => Name.startsWith(`${asked.Path}/`));
    const from = Number(asked.NextToken ?? 0);
    const next = from + 2 < all.length ? { NextToken: String(from + 2) } : {};
    return { status: 200, body: { Parameters: all.slice(from, from + 2), ...next } };
  }

  /** Only for a claim that the account has signed and that is still good. */
  #token(form: URLSearchParams): Answer {
    const [head = "", claim = "", signature = ""] = (form.get("assertion") ?? "").split(".");
    const isSigned = verify(
      "RSA-SHA256",
      Buffer.from(`${head}.${claim}`),
      this.#publicKey,
      Buffer.from(signature, "base64url"),
    );
    const { iss, aud, exp } = JSON.parse(Buffer.from(claim, "base64url").toString() || "{}");
    const isGood =
      iss === this.serviceAccount["client_email"] && aud === `${this.url}/token` && exp > Date.now() / 1000;
    if (!isSigned || !isGood) return { status: 401, body: { error: "invalid_grant" } };
    return { status: 200, body: { access_token: "account-token", expires_in: 3600 } };
  }

  #gcpSecret(path: string, headers: IncomingHttpHeaders): Answer {
    if (!/^Bearer (account|machine)-token$/.test(headers.authorization ?? "")) return { status: 401, body: {} };
    const text = this.gcpSecrets.get(path);
    if (text === undefined) return { status: 404, body: { error: { status: "NOT_FOUND" } } };
    return { status: 200, body: { name: path, payload: { data: Buffer.from(text).toString("base64") } } };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}
