import { describe, expect, test } from "bun:test";
import { parseErrorDocument, type Refusal } from "../../../src/source/s3/answer/error-document.ts";
import { RegionCache } from "../../../src/source/s3/region/region-cache.ts";
import { findRegion, isWrongRegion } from "../../../src/source/s3/region/region-evidence.ts";
import { FakeClock } from "../../support/fake-clock.ts";

function refusal(status: number, headers: Record<string, string>, body = ""): Refusal {
  return { status, headers: new Headers(headers), document: parseErrorDocument(body) };
}

describe("isWrongRegion", () => {
  test.each<[string, Refusal, boolean]>([
    ["301", refusal(301, {}), true],
    ["307", refusal(307, {}), true],
    ["302", refusal(302, {}), false],
    ["400 AuthorizationHeaderMalformed", refusal(400, {}, "<Code>AuthorizationHeaderMalformed</Code>"), true],
    [
      "400 IllegalLocationConstraintException",
      refusal(400, {}, "<Code>IllegalLocationConstraintException</Code>"),
      true,
    ],
    [
      "400 of another kind, even with the header",
      refusal(400, { "x-amz-bucket-region": "eu-west-1" }, "<Code>InvalidArgument</Code>"),
      false,
    ],
    ["400 without a body that names another region", refusal(400, { "x-amz-bucket-region": "eu-west-1" }), true],
    ["400 without a body that names the same region", refusal(400, { "x-amz-bucket-region": "us-west-1" }), false],
    ["403 that names another region", refusal(403, { "x-amz-bucket-region": "eu-west-1" }), false],
    ["404", refusal(404, {}), false],
  ])("%s: %#", (_, answer, isWrong) => {
    expect(isWrongRegion(answer, "us-west-1")).toBe(isWrong);
  });
});

describe("findRegion", () => {
  test.each<[string, Refusal, string | undefined]>([
    [
      "the header first",
      refusal(301, { "x-amz-bucket-region": "eu-west-1" }, "<Region>ap-south-1</Region>"),
      "eu-west-1",
    ],
    [
      "the element next",
      refusal(400, {}, "<Region>ap-south-1</Region><Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>"),
      "ap-south-1",
    ],
    ["the host in Endpoint", refusal(301, {}, "<Endpoint>b.s3.eu-west-1.amazonaws.com</Endpoint>"), "eu-west-1"],
    ["the old form of a host", refusal(301, {}, "<Endpoint>b.s3-eu-west-1.amazonaws.com</Endpoint>"), "eu-west-1"],
    ["a dual-stack host", refusal(301, {}, "<Endpoint>b.s3.dualstack.eu-west-1.amazonaws.com</Endpoint>"), "eu-west-1"],
    ["a host in China", refusal(301, {}, "<Endpoint>b.s3.cn-north-1.amazonaws.com.cn</Endpoint>"), "cn-north-1"],
    ["the global host, which is us-east-1", refusal(301, {}, "<Endpoint>b.s3.amazonaws.com</Endpoint>"), "us-east-1"],
    [
      "a dotted bucket that looks like a host",
      refusal(301, {}, "<Endpoint>s3.x.com.s3.eu-west-1.amazonaws.com</Endpoint>"),
      "eu-west-1",
    ],
    ["the host in Location last", refusal(307, { location: "https://b.s3.eu-west-1.amazonaws.com/k" }), "eu-west-1"],
    [
      "nothing from a foreign host",
      refusal(307, { location: "https://b.s3.evil.example/k" }, "<Endpoint>evil.example</Endpoint>"),
      undefined,
    ],
    ["nothing that could become a host", refusal(301, { "x-amz-bucket-region": "evil.example/" }), undefined],
    ["nothing in upper case", refusal(301, { "x-amz-bucket-region": "EU-WEST-1" }), undefined],
    [
      "the next evidence when the first is no region",
      refusal(301, { "x-amz-bucket-region": "a/b" }, "<Region>eu-west-1</Region>"),
      "eu-west-1",
    ],
    ["nothing where nothing is", refusal(301, {}), undefined],
  ])("takes %s", (_, answer, region) => {
    expect(findRegion(answer)?.region).toBe(region);
  });
});

describe("RegionCache", () => {
  function cache(byBucket: [string, string][] = []) {
    const clock = new FakeClock();
    return { clock, regions: new RegionCache({ region: "eu-west-1", byBucket: new Map(byBucket) }, clock) };
  }

  test("holds foreign buckets only", () => {
    const { regions } = cache();
    expect(regions.learn("home", "eu-west-1")).toBeUndefined();
    expect(regions.size).toBe(0);
    expect(regions.learn("away", "ap-south-1")).toBe("eu-west-1");
    expect(regions.regionOf("away")).toBe("ap-south-1");
    expect(regions.learn("away", "eu-west-1")).toBe("ap-south-1");
    expect(regions.size).toBe(0);
  });

  test("starts from the regions that are known beforehand", () => {
    const { regions } = cache([["away", "ap-south-1"]]);
    expect(regions.regionOf("away")).toBe("ap-south-1");
    expect(regions.learn("away", "ap-south-1")).toBeUndefined();
    expect(regions.size).toBe(0);
  });

  test("forgets the bucket that was not used for longest beyond 10 000", () => {
    const { regions } = cache();
    for (let index = 0; index < 10_000; index++) regions.learn(`b${index}`, "ap-south-1");
    regions.regionOf("b0");
    regions.learn("one-more", "ap-south-1");
    expect(regions.size).toBe(10_000);
    expect(regions.regionOf("b0")).toBe("ap-south-1");
    expect(regions.regionOf("b1")).toBe("eu-west-1");
  });

  test("runs one probe for all who ask, and keeps its outcome for half a minute", async () => {
    const { clock, regions } = cache();
    let probes = 0;
    const probe = async () => {
      probes++;
      return "ap-south-1";
    };
    const asked = await Promise.all(Array.from({ length: 40 }, () => regions.locate("b", "eu-west-1", probe)));
    expect(new Set(asked)).toEqual(new Set(["ap-south-1"]));
    await clock.advance(29_000);
    await regions.locate("b", "eu-west-1", probe);
    expect(probes).toBe(1);
    await clock.advance(2000);
    await regions.locate("b", "eu-west-1", probe);
    expect(probes).toBe(2);
  });

  test("asks again when the outcome is the region that proved wrong", async () => {
    const { regions } = cache();
    const regionsInTurn = ["ap-south-1", "us-east-1"];
    const probe = async () => regionsInTurn.shift();
    expect(await regions.locate("b", "eu-west-1", probe)).toBe("ap-south-1");
    expect(await regions.locate("b", "ap-south-1", probe)).toBe("us-east-1");
  });

  test("takes what another request has learned meanwhile instead of a probe", async () => {
    const { regions } = cache();
    regions.learn("b", "ap-south-1");
    expect(await regions.locate("b", "eu-west-1", () => Promise.reject(new Error("probed")))).toBe("ap-south-1");
  });

  test("asks nobody for half a minute after nobody knew", async () => {
    const { clock, regions } = cache();
    regions.learn("b", "ap-south-1");
    regions.giveUp("b");
    const probe = async () => "us-east-1";
    expect(regions.regionOf("b")).toBe("eu-west-1");
    expect(await regions.locate("b", "eu-west-1", probe)).toBeUndefined();
    await clock.advance(31_000);
    expect(await regions.locate("b", "eu-west-1", probe)).toBe("us-east-1");
  });
});
