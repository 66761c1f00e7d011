import { createServer, type IncomingHttpHeaders } from "node:http";

export type ReceivedReport = {
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
};

/** Stands in for a service that collects errors, on the loopback interface. */
export class ReportService implements AsyncDisposable {
  readonly received: ReceivedReport[] = [];
  /** What it answers. */
  status = 200;
  url = "";
  #close: () => Promise<void> = async () => undefined;

  static async start(): Promise<ReportService> {
    const service = new ReportService();
    const server = createServer(async (incoming, outgoing) => {
      const chunks: Uint8Array[] = [];
      for await (const chunk of incoming) chunks.push(chunk);
      const body = Buffer.concat(chunks).toString();
      service.received.push({ path: incoming.url ?? "", headers: incoming.headers, body });
      outgoing.writeHead(service.status, { "content-type": "application/json" }).end('{"id":"1"}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const address = server.address();
    service.url = `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
    service.#close = () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
    return service;
  }

  /** An address of this service as Sentry writes one. */
  get sentryDsn(): string {
    return `${this.url.replace("://", "://publickey@")}/42`;
  }

  /** What a Sentry envelope of one event holds. */
  sentryEvents(): SentryEvent[] {
    return this.received.map(({ body }) => {
      const [, itemHeader = "{}", item = "{}"] = body.split("\n");
      if (JSON.parse(itemHeader).type !== "event") throw new Error(`not an event: ${itemHeader}`);
      return JSON.parse(item);
    });
  }

  async until(isThere: (service: ReportService) => boolean): Promise<void> {
    for (let waited = 0; !isThere(this); waited += 10) {
      if (waited > 5000) throw new Error("the service did not receive it");
      await Bun.sleep(10);
    }
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

export type SentryEvent = {
  readonly environment: string;
  readonly release: string;
  readonly level: string;
  readonly server_name: string;
  readonly tags: Readonly<Record<string, string>>;
  readonly contexts: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
  readonly exception: {
    readonly values: readonly {
      readonly type: string;
      readonly value: string;
      readonly stacktrace?: { readonly frames: readonly { readonly filename: string }[] };
    }[];
  };
};
