import { afterAll, beforeAll } from "bun:test";
import { describeSourceContract, type SourceStand } from "../../contract/source-contract.ts";
import { minioServer } from "../../support/minio.ts";
import { patternBytes } from "../../support/pattern-bytes.ts";
import { keysOf, s3Source } from "../../support/s3-source.ts";

let stand: SourceStand | undefined;

beforeAll(async () => {
  const minio = await minioServer();
  const bucket = await minio.createBucket("contract");
  const small = patternBytes(5000);
  const large = patternBytes(6_000_000);
  await minio.put(bucket, "small.bin", small);
  await minio.put(bucket, "large.bin", large);
  stand = {
    source: s3Source({ s3Endpoint: minio.endpoint, s3Region: minio.region }, { env: keysOf(minio) }),
    small: { url: `s3://${bucket}/small.bin`, bytes: small },
    large: { url: `s3://${bucket}/large.bin`, bytes: large },
    missingUrl: `s3://${bucket}/missing.bin`,
  };
});

afterAll(() => stand?.source.close?.());

describeSourceContract("s3", () => {
  if (stand === undefined) throw new Error("not started");
  return stand;
});
