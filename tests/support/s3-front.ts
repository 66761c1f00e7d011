/**
 * A front for MinIO servers of several regions that answers a wrong signing region as AWS and others do. Right requests are
 * passed on with their Host header, so that their signatures stay valid.
 */
import { Agent, createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { TestMinio } from "./minio.ts";

/** What a bucket's front says to a request that was signed for another region. */
export type WrongRegionAnswer =
  | "301"
  /** The region stands in `<Endpoint>` only. */
  | "301 endpoint only"
  /** The GET says nothing; a HEAD of the bucket has the header. */
  | "301 bare"
  /** Not even the HEAD helps. */
  | "301 mute"
  /** 400 AuthorizationHeaderMalformed with `<Region>` and no header. */
  | "400"
  | "400 opt-in"
  | "307"
  | "307 location only"
  /** Forbidden, with the header of the home region. */
  | "403";

export type FrontBucket = {
  readonly home: TestMinio;
  readonly answer?: WrongRegionAnswer;
  /** What is written in place of the home region. */
  readonly hint?: string;
};

export type SeenRequest = {
  readonly method: string;
  /** As on the wire. */
  readonly url: string;
  readonly bucket: string;
  /** Of the signature; empty when unsigned. */
  readonly region: string;
  readonly headers: IncomingMessage["headers"];
  /** Which connection it came over. */
  readonly connection: number;
};

export class S3Front {
  readonly buckets = new Map<string, FrontBucket>();
  readonly seen: SeenRequest[] = [];
  readonly #server: Server;
  readonly #agent = new Agent({ keepAlive: true });
  readonly #connections = new WeakMap<object, number>();
  #count = 0;

  private constructor() {
    this.#server = createServer((incoming, outgoing) => this.#handle(incoming, outgoing));
    this.#server.on("connection", (socket) => this.#connections.set(socket, ++this.#count));
  }

  static async start(): Promise<S3Front> {
    const front = new S3Front();
    await new Promise<void>((resolve) => front.#server.listen(0, "127.0.0.1", resolve));
    return front;
  }

  get endpoint(): string {
    // A listening TCP server has an address of this form.
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** How many requests have come since the last call. */
  count(): number {
    const { length } = this.seen;
    this.seen.length = 0;
    return length;
  }

  async stop(): Promise<void> {
    this.#agent.destroy();
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #handle(incoming: IncomingMessage, outgoing: ServerResponse): void {
    const url = incoming.url ?? "";
    const bucket = decodeURIComponent(url.split(/[/?]/)[1] ?? "");
    const region = /Credential=[^/]+\/\d{8}\/([^/]+)\//.exec(incoming.headers.authorization ?? "")?.[1] ?? "";
    const method = incoming.method ?? "";
    const connection = this.#connections.get(incoming.socket) ?? 0;
    this.seen.push({ method, url, bucket, region, headers: incoming.headers, connection });
    const known = this.buckets.get(bucket);
    if (known === undefined) {
      send(outgoing, method, { status: 404, code: "NoSuchBucket", headers: {}, more: "" });
    } else if (region !== "" && region !== known.home.region) {
      send(outgoing, method, wrongRegion(known, bucket, incoming));
    } else {
      this.#passOn(incoming, outgoing, known.home);
    }
  }

  #passOn(incoming: IncomingMessage, outgoing: ServerResponse, home: TestMinio): void {
    const { hostname, port } = new URL(home.endpoint);
    const onward = request(
      { hostname, port, method: incoming.method, path: incoming.url, headers: incoming.headers, agent: this.#agent },
      (answer) => {
        outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
        answer.pipe(outgoing);
      },
    );
    onward.on("error", () => outgoing.destroy());
    outgoing.on("close", () => onward.destroy());
    incoming.pipe(onward);
  }
}

type Refusal = {
  readonly status: number;
  readonly code: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Further elements of the document. */
  readonly more: string;
};

function wrongRegion({ home, answer = "301", hint }: FrontBucket, bucket: string, incoming: IncomingMessage): Refusal {
  const region = hint ?? home.region;
  const header = { "x-amz-bucket-region": region };
  const endpoint = `<Endpoint>${bucket}.s3.${region}.amazonaws.com</Endpoint>`;
  const moved = { status: 301, code: "PermanentRedirect", headers: header, more: endpoint };
  const isHead = incoming.method === "HEAD";
  switch (answer) {
    case "301":
      return moved;
    case "301 endpoint only":
      return { ...moved, headers: {} };
    case "301 bare":
      return { ...moved, headers: isHead ? header : {}, more: "" };
    case "301 mute":
      return { ...moved, headers: {}, more: "" };
    case "400": {
      const headers = isHead ? header : {};
      return { status: 400, code: "AuthorizationHeaderMalformed", headers, more: `<Region>${region}</Region>` };
    }
    case "400 opt-in":
      return { status: 400, code: "IllegalLocationConstraintException", headers: header, more: "" };
    case "307": {
      const location = `http://${incoming.headers.host}/redirected${incoming.url}`;
      return { status: 307, code: "TemporaryRedirect", headers: { ...header, location }, more: endpoint };
    }
    case "307 location only": {
      const location = `https://${bucket}.s3-${region}.amazonaws.com${incoming.url}`;
      return { status: 307, code: "TemporaryRedirect", headers: { location }, more: "" };
    }
    case "403":
      return { status: 403, code: "AccessDenied", headers: header, more: "" };
  }
}

function send(outgoing: ServerResponse, method: string, { status, code, headers, more }: Refusal): void {
  const ids = { "x-amz-request-id": "TEST-REQUEST", "x-amz-id-2": "TEST-HOST" };
  const document = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>said the front</Message>${more}<RequestId>TEST-REQUEST</RequestId></Error>`;
  outgoing.writeHead(status, { "content-type": "application/xml", ...ids, ...headers });
  outgoing.end(method === "HEAD" ? undefined : document);
}
