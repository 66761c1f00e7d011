import { describe, expect, test } from "bun:test";
import { compileRoutes } from "../../src/http/routes.ts";

const plain = compileRoutes({ pathPrefix: "", healthCheckPath: "" });
const prefixed = compileRoutes({ pathPrefix: "/img", healthCheckPath: "/up" });

describe("without a prefix", () => {
  test.each([
    ["GET", "/", "landing"],
    ["GET", "/?x", "landing"],
    ["GET", "/health", "health"],
    ["GET", "/health?x=%zz", "health"],
    ["GET", "/%68ealth", "health"],
    ["GET", "http://foo/health", "health"],
    ["GET", "/health/", "image"],
    ["GET", "/favicon.ico", "unlogged"],
    ["GET", "/.well-known/acme", "unlogged"],
    ["GET", "/.well-known", "image"],
    ["GET", "//", "image"],
    ["GET", "/unsafe/plain/http://h/a.png", "image"],
    ["GET", "/info/x", "image"],
    ["GET", "/%ff", "image"],
    ["GET", "http://foo/unsafe/plain/x", "image"],
    ["HEAD", "/unsafe/x", "probe"],
    ["HEAD", "/health", "probe"],
    ["OPTIONS", "/", "probe"],
    ["POST", "/unsafe/plain/x", "unrouted"],
    ["DELETE", "/", "unrouted"],
    ["BREW", "/health", "unrouted"],
    ["GET", "/unsafe/plain/%ZZ", "malformed"],
    ["GET", "/a%", "malformed"],
    ["POST", "/a%2", "malformed"],
    ["GET", "", "malformed"],
  ] as const)("%s %s is %s", (method, target, expected) => {
    expect(plain(method, target)).toBe(expected);
  });
});

describe("with a prefix", () => {
  test.each([
    ["GET", "/img", "landing"],
    ["GET", "/img/", "landing"],
    ["GET", "/img/health", "health"],
    ["GET", "/img/up", "health"],
    ["GET", "/%69mg/up", "health"],
    ["GET", "/img/favicon.ico", "unlogged"],
    ["GET", "/img//unsafe/plain/x", "image"],
    ["HEAD", "/img/x", "probe"],
    ["GET", "/", "unrouted"],
    ["GET", "/health", "unrouted"],
    ["HEAD", "/health", "unrouted"],
    ["GET", "/imgx/unsafe/plain/x", "unrouted"],
  ] as const)("%s %s is %s", (method, target, expected) => {
    expect(prefixed(method, target)).toBe(expected);
  });
});

describe("a prefix with its slashes in the wrong place", () => {
  test("matches nothing when it begins without one", () => {
    const routes = compileRoutes({ pathPrefix: "img", healthCheckPath: "" });
    expect(routes("GET", "/img/health")).toBe("unrouted");
    expect(routes("GET", "/img/unsafe/plain/x")).toBe("unrouted");
  });

  test("needs another when it ends with one", () => {
    const routes = compileRoutes({ pathPrefix: "/img/", healthCheckPath: "" });
    expect(routes("GET", "/img/unsafe/plain/x")).toBe("unrouted");
    expect(routes("GET", "/img//unsafe/plain/x")).toBe("image");
  });
});
