import { describe, expect, test } from "bun:test";
import { parseBindAddress } from "../../src/config/bind-address.ts";

describe("parseBindAddress", () => {
  test.each([
    [":8080", undefined, 8080],
    ["127.0.0.1:80", "127.0.0.1", 80],
    ["localhost:0", "localhost", 0],
    ["localhost:", "localhost", 0],
    [":", undefined, 0],
    ["[::1]:443", "::1", 443],
    ["[fe80::1%eth0]:443", "fe80::1%eth0", 443],
    ["example.com:65535", "example.com", 65_535],
  ] as const)("%s", (text, hostname, port) => {
    expect(parseBindAddress(text)).toEqual({ kind: "tcp", hostname, port });
  });

  test.each([
    "",
    "8080",
    "localhost",
    "::1:80",
    "[::1]",
    "[::1:80",
    "a b:80",
    ":65536",
    ":-1",
    ":http",
    ":80x",
    "[]:80",
  ])("%p is no address", (text) => {
    expect(parseBindAddress(text)).toBeUndefined();
  });

  test("for unix networks everything is a path", () => {
    expect(parseBindAddress("/run/imgproxy.sock", "unix")).toEqual({ kind: "unix", path: "/run/imgproxy.sock" });
    expect(parseBindAddress("x", "unixpacket")).toEqual({ kind: "unix", path: "x" });
  });
});
