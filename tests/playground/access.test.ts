import { describe, expect, test } from "bun:test";
import type { AppError } from "../../src/errors.ts";
import { compileAccess } from "../../src/http/playground/access.ts";

const KEY = [new Uint8Array([1])];
const LOCAL = { peerAddress: "127.0.0.1" };
const REMOTE = { peerAddress: "192.0.2.7" };

function outcome(
  config: { readonly key?: readonly Uint8Array[]; readonly secret?: string },
  exchange: { readonly peerAddress: string },
  headers: Readonly<Record<string, string>> = {},
): string {
  try {
    const { isTrusted } = compileAccess({ key: [], secret: "", ...config })(
      new Headers({ host: "localhost:8080", ...headers }),
      exchange,
    );
    return isTrusted ? "trusted" : "admitted";
  } catch (error) {
    return (error as AppError).kind; // Nothing else is thrown; if it were, the comparison would fail.
  }
}

describe("without keys and secret, where the server makes images for anybody", () => {
  test.each([
    ["this machine", LOCAL, {}, "trusted"],
    ["this machine over IPv6", { peerAddress: "::1" }, { host: "[::1]:8080" }, "trusted"],
    ["this machine by another name", LOCAL, { host: "127.1.2.3" }, "trusted"],
    ["another machine", REMOTE, {}, "admitted"],
    ["a socket without an address", { peerAddress: "" }, {}, "admitted"],
    ["a name that is not this machine's", LOCAL, { host: "images.example.com" }, "admitted"],
    ["a name that only begins like one", LOCAL, { host: "127.0.0.1.example.com" }, "admitted"],
    ["a proxy on this machine", LOCAL, { "x-forwarded-for": "192.0.2.7" }, "admitted"],
    ["an IPv4 address in an IPv6 network", { peerAddress: "64:ff9b::7f00:1" }, {}, "admitted"],
    ["a page of another site", LOCAL, { "sec-fetch-site": "cross-site" }, "forbidden"],
    ["a page of another port", LOCAL, { "sec-fetch-site": "same-site" }, "forbidden"],
    ["its own page", LOCAL, { "sec-fetch-site": "same-origin" }, "trusted"],
    ["an address typed in", LOCAL, { "sec-fetch-site": "none" }, "trusted"],
  ] as const)("%s", (_, exchange, headers, expected) => {
    expect(outcome({}, exchange, headers)).toBe(expected);
  });
});

describe("with keys, which only this machine may have used", () => {
  test.each([
    ["this machine", LOCAL, {}, "trusted"],
    ["another machine", REMOTE, {}, "forbidden"],
    ["another machine that says it is this one", REMOTE, { host: "localhost" }, "forbidden"],
    ["a name that is not this machine's", LOCAL, { host: "rebound.example.com" }, "forbidden"],
    ...["forwarded", "x-forwarded-for", "x-real-ip", "via", "cf-connecting-ip"].map(
      (name) => [`a proxy that sends ${name}`, LOCAL, { [name]: "1" }, "forbidden"] as const,
    ),
  ] as const)("%s", (_, exchange, headers, expected) => {
    expect(outcome({ key: KEY }, exchange, headers)).toBe(expected);
  });
});

describe("with a secret, which images need as well", () => {
  test.each([
    ["this machine without it", LOCAL, {}, "forbidden"],
    ["this machine with another", LOCAL, { authorization: "Bearer wrong" }, "forbidden"],
    ["another machine with it", REMOTE, { authorization: "Bearer open", host: "images.example.com" }, "trusted"],
  ] as const)("%s", (_, exchange, headers, expected) => {
    expect(outcome({ key: KEY, secret: "open" }, exchange, headers)).toBe(expected);
  });
});
