import { describe, expect, test } from "bun:test";
import type { LookupAddress } from "node:dns";
import { Agent, get } from "node:http";
import { get as getHttps, Agent as HttpsAgent } from "node:https";
import { networkInterfaces } from "node:os";
import { createAddressGuard } from "../../src/source/guard/address-guard.ts";
import type { ResolveName } from "../../src/source/http/guarded-lookup.ts";
import { limitPool } from "../../src/source/http/pool.ts";
import { answer, type Origin, startOrigin } from "../source/http/origin.ts";
import { httpSource, sourceRequest } from "../source/http/settings.ts";
import { failureOf } from "../support/failure.ts";

const STRICT = {
  allowLoopbackSourceAddresses: false,
  allowLinkLocalSourceAddresses: false,
  allowPrivateSourceAddresses: false,
  downloadTimeoutSeconds: 2,
};

function addresses(...list: readonly string[]): LookupAddress[] {
  return list.map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}

/** A resolver for one test: each name has its answers, one per question, the last one for good. */
function resolver(names: Readonly<Record<string, readonly LookupAddress[][]>>) {
  const questions: string[] = [];
  const resolveName: ResolveName = async (hostname) => {
    const answers = names[hostname];
    const turn = questions.filter((question) => question === hostname).length;
    questions.push(hostname);
    if (answers === undefined) throw new Error(`getaddrinfo ENOTFOUND ${hostname}`);
    return answers[Math.min(turn, answers.length - 1)] ?? [];
  };
  return { resolveName, questions };
}

function secretOrigin(): Promise<Origin> {
  return startOrigin((_, socket) => void socket.write(answer(200, "a secret")));
}

describe("a literal address is refused before a packet is sent", () => {
  test.each([
    "http://127.0.0.1/",
    "http://127.255.255.254/",
    "http://0.0.0.0/",
    "http://0.0.0.1/",
    "http://10.0.0.1/",
    "http://172.16.0.1/",
    "http://192.168.0.1/",
    "http://100.64.0.1/",
    "http://169.254.169.254/latest/meta-data/",
    "http://100.100.100.200/latest/meta-data/",
    "http://168.63.129.16/",
    "http://224.0.0.1/",
    "https://127.0.0.1/",
    "http://[::]/",
    "http://[::1]/",
    "http://[0:0:0:0:0:0:0:1]/",
    "http://[0000:0000:0000:0000:0000:0000:0000:0001]/",
    "http://[::ffff:127.0.0.1]/",
    "http://[::ffff:7f00:1]/",
    "http://[::FFFF:169.254.169.254]/",
    "http://[0:0:0:0:0:ffff:10.0.0.1]/",
    "http://[::127.0.0.1]/",
    "http://[::ffff:0:127.0.0.1]/",
    "http://[64:ff9b::127.0.0.1]/",
    "http://[64:ff9b:1::10.0.0.1]/",
    "http://[2002:7f00:1::]/",
    "http://[2001:0:5db8:d822::80ff:fffe]/",
    "http://[2001:db8::5efe:127.0.0.1]/",
    "http://[fe80::1]/",
    "http://[fe80::1%25lo]/",
    "http://[fc00::1]/",
    "http://[fd00:ec2::254]/latest/meta-data/",
    "http://[fec0::1]/",
    "http://[ff02::1]/",
    "http://user:pw@127.0.0.1/",
    "http://127.0.0.1:8080/",
    "HTTP://127.0.0.1/",
    "http://127.0.0.1?x",
    "http://127.0.0.1#x",
    "http://good.example@127.0.0.1/",
    "http://good.example:80@127.0.0.1/",
  ])("%s", async (url) => {
    const { resolveName, questions } = resolver({});
    const error = await failureOf(httpSource(STRICT, { resolveName }).fetch(sourceRequest(url)));
    expect(error.kind).toBe("source_forbidden");
    expect(error.publicMessage).toBe("Invalid source URL");
    expect(questions).toEqual([]);
  });
});

describe("another notation of an address is neither an address nor a name", () => {
  // Resolvers of the system read these as 127.0.0.1, so they must not even be asked; loopback being allowed changes nothing.
  test.each([
    "http://2130706433/",
    "http://017700000001/",
    "http://0x7f000001/",
    "http://0X7F000001/",
    "http://0x7f.0.0.1/",
    "http://0x7f.1/",
    "http://0177.0.0.1/",
    "http://0177.1/",
    "http://127.1/",
    "http://127.0.1/",
    "http://127.0.0.01/",
    "http://127.000.000.001/",
    "http://127.0.0.1./",
    "http://2130706433./",
    "http://127.0.0.0x1/",
    "http://1.1.1.1.127.0.0.1/",
    "http://256.0.0.1/",
    "http://0/",
    "http://0x/",
    "http://①②⑦.1/",
    "http://127。1/",
    "http://%31%32%37.0.0.1/",
    "http://127.0.0.1%00.good.example/",
    "http://[127.0.0.1]/",
    "http://[::1/",
    "http://::1/",
    "http://[::1]good.example/",
    "http://good.example\\@127.0.0.1/",
    "http://127.0.0.1\\.good.example/",
    "http://127.0.0.1 .good.example/",
    "http:///127.0.0.1/",
    "http:127.0.0.1/",
    "http:/127.0.0.1/",
  ])("%s", async (url) => {
    const { resolveName, questions } = resolver({});
    const source = httpSource({ ...STRICT, allowLoopbackSourceAddresses: true }, { resolveName });
    expect((await failureOf(source.fetch(sourceRequest(url)))).kind).toBe("source_unreachable");
    expect(questions).toEqual([]);
  });

  test.each(["http://①②⑦.⓪.⓪.①/", "http://127。0。0。1/", "http://１２７.0.0.1/"])(
    "%s becomes 127.0.0.1 and is judged as that",
    async (url) => {
      const { resolveName, questions } = resolver({});
      expect((await failureOf(httpSource(STRICT, { resolveName }).fetch(sourceRequest(url)))).kind).toBe(
        "source_forbidden",
      );
      expect(questions).toEqual([]);
    },
  );
});

describe("a name is judged by what it resolves to", () => {
  test.each([
    ["loopback", ["127.0.0.1"]],
    ["loopback over IPv6", ["::1"]],
    ["mapped loopback", ["::ffff:127.0.0.1"]],
    ["link-local", ["169.254.169.254"]],
    ["private", ["10.0.0.1"]],
    ["several, all refused", ["10.0.0.1", "fe80::1%eth0", "192.168.1.1"]],
  ])("%s", async (_, list) => {
    const { resolveName } = resolver({ "innocent.example": [addresses(...list)] });
    const error = await failureOf(httpSource(STRICT, { resolveName }).fetch(sourceRequest("http://innocent.example/")));
    expect(error.kind).toBe("source_forbidden");
    expect(error.message).toContain(list[0] ?? "");
  });

  test("localhost is resolved by the system and refused", async () => {
    await using origin = await secretOrigin();
    const error = await failureOf(httpSource(STRICT).fetch(sourceRequest(`http://localhost:${origin.port}/`)));
    expect(error.kind).toBe("source_forbidden");
    expect(origin.connections()).toBe(0);
  });

  test("of several addresses only the allowed ones are connected to", async () => {
    await using origin = await secretOrigin();
    const { resolveName } = resolver({ "mixed.example": [addresses("169.254.169.254", "127.0.0.1", "10.0.0.1")] });
    const source = httpSource({ ...STRICT, allowLoopbackSourceAddresses: true }, { resolveName });
    const response = await source.fetch(sourceRequest(`http://mixed.example:${origin.port}/`));
    expect(response.status).toBe(200);
    expect(origin.seen[0]?.headers.get("Host")).toBe(`mixed.example:${origin.port}`);
    await source.close?.();
  });

  test("a name without any address is unreachable", async () => {
    const { resolveName } = resolver({ "empty.example": [[]] });
    const error = await failureOf(httpSource(STRICT, { resolveName }).fetch(sourceRequest("http://empty.example/")));
    expect(error.kind).toBe("source_unreachable");
  });
});

describe("a DNS answer that changes does not get through", () => {
  test("the name is asked once and the address of that answer is connected to", async () => {
    await using origin = await secretOrigin();
    // 203.0.113.1 is set aside for documentation: nobody answers there.
    const { resolveName, questions } = resolver({
      "rebind.example": [addresses("203.0.113.1"), addresses("127.0.0.1")],
    });
    const source = httpSource({ ...STRICT, downloadTimeoutSeconds: 0.2 }, { resolveName });
    const error = await failureOf(source.fetch(sourceRequest(`http://rebind.example:${origin.port}/`)));
    expect(["source_timeout", "source_unreachable"]).toContain(error.kind);
    expect(questions).toEqual(["rebind.example"]);
    expect(origin.connections()).toBe(0);
    await source.close?.();
  });

  test("each new connection is judged anew", async () => {
    await using origin = await startOrigin((_, socket) => void socket.end(answer(200, "ok", { Connection: "close" })));
    const { resolveName } = resolver({ "rebind.example": [addresses("127.0.0.1"), addresses("10.0.0.1")] });
    const source = httpSource({ ...STRICT, allowLoopbackSourceAddresses: true }, { resolveName });
    const url = `http://rebind.example:${origin.port}/`;
    expect((await source.fetch(sourceRequest(url))).status).toBe(200);
    expect((await failureOf(source.fetch(sourceRequest(url)))).kind).toBe("source_forbidden");
    expect(origin.connections()).toBe(1);
    await source.close?.();
  });

  test.each(["http", "https"])(
    "a socket for %s that reaches a refused address all the same is closed before a request is sent",
    async (scheme) => {
      await using origin = await secretOrigin();
      const guard = createAddressGuard(STRICT);
      const where = { host: "127.0.0.1", port: origin.port };
      const error = await failureOf(
        new Promise((resolve, reject) => {
          const request =
            scheme === "http"
              ? get({ ...where, agent: limitPool(new Agent(), guard) }, resolve)
              : getHttps({ ...where, agent: limitPool(new HttpsAgent(), guard) }, resolve);
          request.on("error", reject);
        }),
      );
      expect(error.kind).toBe("source_forbidden");
      await Bun.sleep(20);
      expect(origin.seen).toHaveLength(0);
    },
  );
});

describe("a redirect is judged like a first request", () => {
  const REDIRECTING = { ...STRICT, allowLoopbackSourceAddresses: true };

  async function redirectedTo(location: string, names: Readonly<Record<string, readonly LookupAddress[][]>> = {}) {
    await using origin = await startOrigin((_, socket) => void socket.write(answer(302, "", { Location: location })));
    const { resolveName } = resolver(names);
    const source = httpSource(REDIRECTING, { resolveName });
    const error = await failureOf(source.fetch(sourceRequest(`${origin.url}/start`)));
    await source.close?.();
    return { kind: error.kind, requests: origin.seen.length };
  }

  test.each([
    "http://169.254.169.254/latest/meta-data/",
    "//169.254.169.254/latest/meta-data/",
    "http://10.0.0.1/",
    "https://10.0.0.1/",
    "http://[fe80::1]/",
    "http://[::ffff:10.0.0.1]/",
    "http://public.example@169.254.169.254/",
  ])("to the address in %s: forbidden", async (location) => {
    expect(await redirectedTo(location)).toEqual({ kind: "source_forbidden", requests: 1 });
  });

  test("to a name that resolves to a private address: forbidden", async () => {
    const outcome = await redirectedTo("http://inner.example/", { "inner.example": [addresses("10.0.0.1")] });
    expect(outcome).toEqual({ kind: "source_forbidden", requests: 1 });
  });

  test.each([
    "local:///etc/passwd",
    "LOCAL:///etc/passwd",
    "s3://bucket/key",
    "gs://bucket/key",
    "abs://container/key",
    "swift://container/key",
    "file:///etc/passwd",
    "ftp://10.0.0.1/",
    "gopher://10.0.0.1:70/_x",
    "data:image/png;base64,AAAA",
    "javascript:alert(1)",
    "http:10.0.0.1/",
    "http:/10.0.0.1/",
    "http:///10.0.0.1/",
    "http://2852039166/",
    "http://0xa9fea9fe/",
    "http://0251.0376.0251.0376/",
  ])("to %s: not followed", async (location) => {
    expect(await redirectedTo(location)).toEqual({ kind: "source_unreachable", requests: 1 });
  });

  test("the check of allowed sources sees the target as it will be asked for, and its refusal ends the download", async () => {
    await using origin = await startOrigin(
      (_, socket) => void socket.write(answer(302, "", { Location: "/../b/../secret" })),
    );
    const checked: string[] = [];
    const refusal = new Error("not among the allowed sources");
    const source = httpSource(REDIRECTING, {
      checkRedirect: (url) => {
        checked.push(url);
        throw refusal;
      },
    });
    await expect(source.fetch(sourceRequest(`${origin.url}/start`))).rejects.toBe(refusal);
    expect(checked).toEqual([`${origin.url}/secret`]);
    expect(origin.seen).toHaveLength(1);
    await source.close?.();
  });
});

test("the address of a proxy is judged, not the one behind it", async () => {
  await using origin = await secretOrigin();
  const proxied = { ...STRICT, httpProxy: `http://127.0.0.1:${origin.port}` };
  const target = sourceRequest("http://10.0.0.1/y.png");
  const refused = await failureOf(httpSource(proxied).fetch(target));
  expect(refused.kind).toBe("source_forbidden");
  const source = httpSource({ ...proxied, allowLoopbackSourceAddresses: true });
  expect((await source.fetch(target)).status).toBe(200);
  expect(origin.seen.map(({ target }) => target)).toEqual(["http://10.0.0.1/y.png"]);
  await source.close?.();
});

test("every address of this machine's own interfaces is refused by the strictest settings, except public ones", () => {
  const guard = createAddressGuard(STRICT);
  const own = Object.values(networkInterfaces()).flatMap((list) => list ?? []);
  const internal = own.filter(({ internal }) => internal);
  expect(internal.length).toBeGreaterThan(0);
  for (const { address } of internal) expect(guard(address, 80)?.kind).toBe("source_forbidden");
});
