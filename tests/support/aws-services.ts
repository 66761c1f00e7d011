/**
 * Stand-ins for the services that hand out credentials: the metadata service of EC2, the container service of ECS and EKS, STS and
 * the portal of SSO, all on one port. The keys are real temporary ones of a MinIO, so that a request to it proves them.
 */
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import type { TemporaryCredentials, TestMinio } from "./minio.ts";

export type ServiceBehaviour = {
  /** Life of the keys as announced; MinIO's own is an hour. */
  lifetimeMs: number;
  /** Answer with this status instead of keys. */
  failsWith: number | undefined;
  delayMs: number;
  /** Never answer. */
  isSilent: boolean;
  /** What the container service wants as Authorization. */
  token: string | undefined;
  /** Whether the metadata service has no version 2. */
  hasOnlyVersion1: boolean;
  /** Name of the machine's role, as sent. */
  roleName: string;
};

export type StsCall = Readonly<Record<string, string>> & {
  /** Of the signature, e.g. `eu-west-1`; empty when unsigned. */
  readonly region: string;
};

export class AwsServices {
  readonly behaviour: ServiceBehaviour;
  /** Calls by kind: `metadata token`, `metadata role`, `metadata keys`, `container`, `sso`, `AssumeRole`, … */
  readonly calls = new Map<string, number>();
  readonly stsCalls: StsCall[] = [];
  readonly #minio: TestMinio;
  readonly #server: Server;

  private constructor(minio: TestMinio) {
    this.#minio = minio;
    this.behaviour = AwsServices.#normal();
    this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing));
  }

  static #normal(): ServiceBehaviour {
    return {
      lifetimeMs: 3_600_000,
      failsWith: undefined,
      delayMs: 0,
      isSilent: false,
      token: undefined,
      hasOnlyVersion1: false,
      roleName: "machine-role",
    };
  }

  static async start(minio: TestMinio): Promise<AwsServices> {
    const services = new AwsServices(minio);
    await new Promise<void>((resolve) => services.#server.listen(0, "127.0.0.1", resolve));
    return services;
  }

  get endpoint(): string {
    // A listening TCP server has an address of this form.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Back to normal, with nothing counted. */
  reset(): void {
    Object.assign(this.behaviour, AwsServices.#normal());
    this.calls.clear();
    this.stsCalls.length = 0;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const body = await readText(incoming);
    if (this.behaviour.isSilent) return;
    if (this.behaviour.delayMs > 0) await sleep(this.behaviour.delayMs);
    const path = incoming.url?.split("?")[0] ?? "";
    if (path.startsWith("/latest/")) return await this.#metadata(path, incoming, outgoing);
    if (path === "/federation/credentials") return await this.#sso(incoming, outgoing);
    if (path.startsWith("/container")) return await this.#container(incoming, outgoing);
    if (incoming.method === "POST") return await this.#sts(new URLSearchParams(body), incoming, outgoing);
    outgoing.writeHead(404).end();
  }

  async #metadata(path: string, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const { behaviour } = this;
    if (path === "/latest/api/token") {
      this.#count("metadata token");
      if (behaviour.hasOnlyVersion1) outgoing.writeHead(404).end();
      else outgoing.writeHead(200, { "x-aws-ec2-metadata-token-ttl-seconds": "21600" }).end("METADATA-TOKEN");
      return;
    }
    const hasToken = incoming.headers["x-aws-ec2-metadata-token"] === "METADATA-TOKEN";
    if (!behaviour.hasOnlyVersion1 && !hasToken) {
      outgoing.writeHead(401).end();
      return;
    }
    if (path.endsWith("/security-credentials/")) {
      this.#count("metadata role");
      outgoing.end(behaviour.roleName);
      return;
    }
    this.#count("metadata keys");
    if (this.#refuses(outgoing)) return;
    const keys = await this.#keys();
    outgoing.end(
      JSON.stringify({
        Code: "Success",
        Type: "AWS-HMAC",
        AccessKeyId: keys.accessKeyId,
        SecretAccessKey: keys.secretAccessKey,
        Token: keys.sessionToken,
        Expiration: keys.expiration.toISOString(),
      }),
    );
  }

  async #container(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#count("container");
    const { token } = this.behaviour;
    if (token !== undefined && incoming.headers.authorization !== token) {
      outgoing.writeHead(403).end(JSON.stringify({ code: "AccessDenied", message: "wrong token" }));
      return;
    }
    if (this.#refuses(outgoing)) return;
    const keys = await this.#keys();
    outgoing.end(
      JSON.stringify({
        AccessKeyId: keys.accessKeyId,
        SecretAccessKey: keys.secretAccessKey,
        Token: keys.sessionToken,
        Expiration: keys.expiration.toISOString(),
      }),
    );
  }

  async #sso(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    this.#count("sso");
    if (incoming.headers["x-amz-sso_bearer_token"] !== "SSO-TOKEN") {
      outgoing.writeHead(401, { "content-type": "application/json" }).end(JSON.stringify({ message: "wrong token" }));
      return;
    }
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await this.#keys();
    const roleCredentials = { accessKeyId, secretAccessKey, sessionToken, expiration: expiration.getTime() };
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify({ roleCredentials }));
  }

  async #sts(form: URLSearchParams, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const action = form.get("Action") ?? "";
    this.#count(action);
    const region = /Credential=[^/]+\/\d{8}\/([^/]+)\/sts/.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
    this.stsCalls.push({ ...Object.fromEntries(form), region });
    const { failsWith } = this.behaviour;
    if (failsWith !== undefined) {
      const error = `<Error><Type>Sender</Type><Code>AccessDenied</Code><Message>not authorized to perform: sts:${action}</Message></Error>`;
      outgoing.writeHead(failsWith, XML).end(`<ErrorResponse>${error}<RequestId>r</RequestId></ErrorResponse>`);
      return;
    }
    if (action === "GetCallerIdentity") {
      const result =
        "<Arn>arn:aws:sts::123456789012:assumed-role/test/session</Arn><UserId>U</UserId><Account>123456789012</Account>";
      outgoing.writeHead(200, XML).end(stsAnswer(action, result));
      return;
    }
    const keys = await this.#keys();
    const credentials = `<Credentials><AccessKeyId>${keys.accessKeyId}</AccessKeyId><SecretAccessKey>${keys.secretAccessKey}</SecretAccessKey><SessionToken>${keys.sessionToken}</SessionToken><Expiration>${keys.expiration.toISOString()}</Expiration></Credentials>`;
    const user =
      "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/x/s</Arn><AssumedRoleId>A:s</AssumedRoleId></AssumedRoleUser>";
    outgoing.writeHead(200, XML).end(stsAnswer(action, credentials + user));
  }

  async #keys(): Promise<TemporaryCredentials> {
    const keys = await this.#minio.temporaryCredentials();
    // Whole seconds, as the services write them.
    const end = Math.floor((Date.now() + this.behaviour.lifetimeMs) / 1000) * 1000;
    return { ...keys, expiration: new Date(end) };
  }

  #refuses(outgoing: ServerResponse): boolean {
    const { failsWith } = this.behaviour;
    if (failsWith === undefined) return false;
    outgoing.writeHead(failsWith).end(JSON.stringify({ code: "Refused", message: "said the stand-in" }));
    return true;
  }

  #count(kind: string): void {
    this.calls.set(kind, (this.calls.get(kind) ?? 0) + 1);
  }
}

const XML = { "content-type": "text/xml" };

function stsAnswer(action: string, result: string): string {
  return `<${action}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><${action}Result>${result}</${action}Result><ResponseMetadata><RequestId>r</RequestId></ResponseMetadata></${action}Response>`;
}

async function readText(incoming: IncomingMessage): Promise<string> {
  const pieces: Uint8Array[] = [];
  for await (const piece of incoming) pieces.push(piece as Uint8Array);
  return Buffer.concat(pieces).toString("utf8");
}
