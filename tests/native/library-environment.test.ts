import { expect, test } from "bun:test";
import { libraryEnvironment } from "../../src/native/library-environment.ts";

test("another process of ours is told where libraries and fonts are, and no secrets", () => {
  const shared = { IMGPROXY_LIBRARY_FOLDER: "/lib", HOME: "/root", FONTCONFIG_PATH: "/fonts", LC_ALL: "C.UTF-8" };
  const secret = { IMGPROXY_KEY: "00", AWS_SECRET_ACCESS_KEY: "x", IMGPROXY_SECRET: "y", PATH: "/bin" };
  expect(libraryEnvironment({ ...shared, ...secret, LANG: undefined })).toEqual(shared);
});
