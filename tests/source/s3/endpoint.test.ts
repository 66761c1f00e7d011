import { describe, expect, test } from "bun:test";
import { AppError } from "../../../src/errors.ts";
import { type Addressing, resolveTarget } from "../../../src/source/s3/wire/endpoint.ts";

const AWS: Addressing = {
  endpoint: undefined,
  usesPathStyle: false,
  usesFips: false,
  usesDualStack: false,
  usesAccelerate: false,
  usesArnRegion: true,
  allowsMultiRegionAccessPoints: true,
};
const ACCESS_POINT = "arn:aws:s3:us-west-2:123456789012:accesspoint/my-ap";

function address(addressing: Partial<Addressing>, bucket: string, region: string): string {
  const target = resolveTarget({ ...AWS, ...addressing }, bucket, region);
  expect(target.origin).toBe(`${target.protocol}//${target.host}`);
  return `${target.origin}${target.pathPrefix} ${target.signingName} ${target.signingRegion}`;
}

describe("the endpoint rules of the SDK", () => {
  test.each<[string, Partial<Addressing>, string, string, string]>([
    ["a bucket as virtual host", {}, "bkt", "eu-west-1", "https://bkt.s3.eu-west-1.amazonaws.com s3 eu-west-1"],
    ["a dotted bucket in the path", {}, "a.b.c", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/a.b.c s3 eu-west-1"],
    ["an upper-case bucket in the path", {}, "BKT", "eu-west-1", "https://s3.eu-west-1.amazonaws.com/BKT s3 eu-west-1"],
    [
      "dual stack",
      { usesDualStack: true },
      "bkt",
      "eu-west-1",
      "https://bkt.s3.dualstack.eu-west-1.amazonaws.com s3 eu-west-1",
    ],
    ["FIPS", { usesFips: true }, "bkt", "us-east-2", "https://bkt.s3-fips.us-east-2.amazonaws.com s3 us-east-2"],
    [
      "FIPS and dual stack in GovCloud",
      { usesFips: true, usesDualStack: true },
      "bkt",
      "us-gov-west-1",
      "https://bkt.s3-fips.dualstack.us-gov-west-1.amazonaws.com s3 us-gov-west-1",
    ],
    [
      "acceleration",
      { usesAccelerate: true },
      "bkt",
      "eu-west-1",
      "https://bkt.s3-accelerate.amazonaws.com s3 eu-west-1",
    ],
    ["China", {}, "bkt", "cn-north-1", "https://bkt.s3.cn-north-1.amazonaws.com.cn s3 cn-north-1"],
    [
      "the European sovereign cloud",
      {},
      "bkt",
      "eusc-de-east-1",
      "https://bkt.s3.eusc-de-east-1.amazonaws.eu s3 eusc-de-east-1",
    ],
    ["an isolated partition", {}, "bkt", "us-iso-east-1", "https://bkt.s3.us-iso-east-1.c2s.ic.gov s3 us-iso-east-1"],
    [
      "an access point, signed for the region of its ARN",
      {},
      ACCESS_POINT,
      "eu-west-1",
      "https://my-ap-123456789012.s3-accesspoint.us-west-2.amazonaws.com s3 us-west-2",
    ],
    [
      "an alias of an access point, an ordinary name",
      {},
      "ap-x-s3alias",
      "eu-west-1",
      "https://ap-x-s3alias.s3.eu-west-1.amazonaws.com s3 eu-west-1",
    ],
    [
      "an object lambda",
      {},
      "arn:aws:s3-object-lambda:us-west-2:123456789012:accesspoint/ol",
      "eu-west-1",
      "https://ol-123456789012.s3-object-lambda.us-west-2.amazonaws.com s3-object-lambda us-west-2",
    ],
    [
      "an outpost, by its second scheme",
      {},
      "arn:aws:s3-outposts:us-west-2:123456789012:outpost:op-01234567890123456:accesspoint:ap",
      "us-west-2",
      "https://ap-123456789012.op-01234567890123456.s3-outposts.us-west-2.amazonaws.com s3-outposts us-west-2",
    ],
    [
      "a directory bucket, without a session",
      {},
      "b--use1-az4--x-s3",
      "us-east-1",
      "https://b--use1-az4--x-s3.s3express-use1-az4.us-east-1.amazonaws.com s3express us-east-1",
    ],
    [
      "an own endpoint with virtual hosts",
      { endpoint: "https://minio.example.com" },
      "bkt",
      "eu-west-1",
      "https://bkt.minio.example.com s3 eu-west-1",
    ],
    [
      "a dotted bucket at an own endpoint",
      { endpoint: "https://minio.example.com" },
      "a.b",
      "eu-west-1",
      "https://minio.example.com/a.b s3 eu-west-1",
    ],
    [
      "an address instead of a name, always with paths",
      { endpoint: "http://127.0.0.1:9000" },
      "bkt",
      "eu-west-1",
      "http://127.0.0.1:9000/bkt s3 eu-west-1",
    ],
    [
      "an own endpoint with paths, its base path kept",
      { endpoint: "https://host.example/base", usesPathStyle: true },
      "bkt",
      "eu-west-1",
      "https://host.example/base/bkt s3 eu-west-1",
    ],
    [
      "a base path with a slash at its end",
      { endpoint: "https://host.example/base/", usesPathStyle: true },
      "bkt",
      "eu-west-1",
      "https://host.example/base/bkt s3 eu-west-1",
    ],
    [
      "the region auto of Cloudflare R2",
      { endpoint: "https://acc.r2.cloudflarestorage.com", usesPathStyle: true },
      "bkt",
      "auto",
      "https://acc.r2.cloudflarestorage.com/bkt s3 auto",
    ],
  ])("address %s", (_, addressing, bucket, region, expected) => {
    expect(address(addressing, bucket, region)).toBe(expected);
  });

  test.each<[string, Partial<Addressing>, string, string, RegExp]>([
    ["a dotted bucket with acceleration", { usesAccelerate: true }, "a.b", "eu-west-1", /accelerate/i],
    [
      "an ARN at an own endpoint with paths",
      { endpoint: "http://h:9000", usesPathStyle: true },
      ACCESS_POINT,
      "eu-west-1",
      /Path-style addressing cannot be used with ARN buckets/,
    ],
    [
      "a foreign access point when ARN regions are not to be used",
      { usesArnRegion: false },
      ACCESS_POINT,
      "eu-west-1",
      /region/,
    ],
    ["a region that is no name", {}, "bkt", "eu west", /region/i],
    [
      "a multi-region access point, which needs SigV4A",
      {},
      "arn:aws:s3::123456789012:accesspoint/x.mrap",
      "eu-west-1",
      /SigV4A/,
    ],
    [
      "a multi-region access point that is switched off",
      { allowsMultiRegionAccessPoints: false },
      "arn:aws:s3::123456789012:accesspoint/x.mrap",
      "eu-west-1",
      /multi-region access point/i,
    ],
  ])("refuse %s with 404", (_, addressing, bucket, region, reason) => {
    let error: unknown;
    try {
      resolveTarget({ ...AWS, ...addressing }, bucket, region);
    } catch (thrown) {
      error = thrown;
    }
    if (!(error instanceof AppError)) throw new Error(`expected an AppError, got ${error}`);
    expect(error.status).toBe(404);
    expect(error.message).toMatch(reason);
  });
});
