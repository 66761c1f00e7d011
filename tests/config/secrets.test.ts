import { describe, expect, test } from "bun:test";
import { readConfig } from "../../src/config/config.ts";
import { describeConfig, renderConfigJson, renderConfigTable } from "../../src/config/describe.ts";
import type { Variables } from "../../src/config/environment.ts";
import { ROWS } from "../../src/config/reading.ts";

const SECRETS = ROWS.filter(({ row }) => row.isSecret);
/** No shorter piece of a random text can be told from chance. */
const PIECE = 5;

/** A small seeded generator (mulberry32), so that a failure can be had again. */
function randomOf(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

function randomText(random: () => number, alphabet: string, length: number): string {
  return Array.from({ length }, () => alphabet[Math.floor(random() * alphabet.length)]).join("");
}

/** Everything that people get to see of an environment. */
function everythingShown(variables: Variables): string {
  const described = describeConfig({ variables, file: null });
  const { errors, warnings } = readConfig(variables);
  return [renderConfigTable(described), renderConfigJson(described), ...errors, ...warnings].join("\n");
}

function expectHidden(secret: string, shown: string): void {
  for (let start = 0; start + PIECE <= secret.length; start += 1) {
    expect(shown).not.toContain(secret.slice(start, start + PIECE));
  }
}

describe("secrets", () => {
  test("keys, passwords and tokens are marked", () => {
    const telling = /(_KEY|_SALT|_SECRET|_TOKEN|_DSN|SIGNATURES|ACCESS_KEY_ID|ACCESS_KEY)$/;
    const unmarked = ROWS.filter(({ row }) => telling.test(row.env) && !row.isSecret);
    expect(unmarked.map(({ row }) => row.env)).toEqual([]);
  });

  const alphabets = { hex: "0123456789abcdef", letters: "QXZJKVWqxzjkvw", mixed: "!$%&(){}[]§;:QXZJKVW0123456789,=" };
  test.each(Object.entries(alphabets))("of random %s are nowhere to be seen, right or wrong", (_, alphabet) => {
    const random = randomOf(20_260_801);
    for (let round = 0; round < 10; round += 1) {
      const secrets = SECRETS.map(({ row }) => [row.env, randomText(random, alphabet, 24)] as const);
      const shown = everythingShown(Object.fromEntries(secrets));
      for (const [, secret] of secrets) expectHidden(secret, shown);
    }
  });

  test("inside a JSON of buckets stay hidden when the JSON is wrong", () => {
    const shown = everythingShown({ IMGPROXY_S3_BUCKETS: '{"QXQXQXQX":{"zjzjzjzj":"kvkvkvkv"}}' });
    expect(shown).toContain("IMGPROXY_S3_BUCKETS=(hidden)");
    for (const piece of ["QXQXQXQX", "zjzjzjzj", "kvkvkvkv"]) expectHidden(piece, shown);
  });

  test("passwords in URLs of other variables are hidden, right or wrong", () => {
    const variables = {
      HTTPS_PROXY: "http://user:xqzjkvwq@proxy:3128",
      IMGPROXY_BASE_URL: "https://user:xqzjkvwq@origin/",
      IMGPROXY_COOKIE_BASE_URL: "ftp://user:xqzjkvwq@host/",
      IMGPROXY_FALLBACK_IMAGE_URL: "https://user:xqzjkvwq@host/a.png",
    };
    expectHidden("xqzjkvwq", everythingShown(variables));
  });
});
