import { describe, expect, test } from "bun:test";
import { bucketFilter, bucketPattern } from "../../../src/source/s3/settings/bucket-pattern.ts";

describe("bucketPattern", () => {
  test.each([
    ["photos", "photos", true],
    ["photos", "photos-2", false],
    ["photos-*", "photos-", true],
    ["photos-*", "photos-eu", true],
    ["photos-*", "my-photos-eu", false],
    ["*-public", "a.b-public", true],
    ["a*b*c", "a--b--c", true],
    ["a*b*c", "a--c--b", false],
    ["*", "anything", true],
    ["a.c", "abc", false],
    ["a.*", "abc", false],
    ["[ab]*", "a", false],
  ])("%s on %s: %p", (pattern, bucket, isMatch) => {
    expect(bucketPattern(pattern)(bucket)).toBe(isMatch);
  });
});

describe("bucketFilter", () => {
  test.each<[string, string[], string[], string, boolean]>([
    ["no lists allow everything", [], [], "a", true],
    ["an allow list allows only its own", ["a"], [], "b", false],
    ["a deny list denies only its own", [], ["a"], "b", true],
    ["in both lists means denied", ["a"], ["a"], "a", false],
    ["blanks around names do not count", [" a "], [], "a", true],
    ["patterns allow", ["photos-*"], [], "photos-eu", true],
    ["patterns deny what names allow", ["photos-eu"], ["*-eu"], "photos-eu", false],
  ])("%s", (_, allowed, denied, bucket, isAllowed) => {
    expect(bucketFilter(allowed, denied)(bucket)).toBe(isAllowed);
  });
});
