import { describe, expect, test } from "bun:test";
import { signPathWithWebCrypto } from "../../src/url/sign-in-browser.ts";
import {
  compileSignatureRules,
  requireSignature,
  type SignatureSettings,
  signPath,
  verifySignature,
} from "../../src/url/signature.ts";
import { refusalOf } from "../options/reference-settings.ts";

const hex = (text: string) => new Uint8Array(Buffer.from(text, "hex"));
const pair = { key: hex("736563726574"), salt: hex("68656C6C6F") };
const otherPair = { key: hex("0011223344"), salt: hex("aabbccdd") };
const rulesWith = (settings: Partial<SignatureSettings> = {}) =>
  compileSignatureRules({ key: [pair.key], salt: [pair.salt], signatureSize: 32, trustedSignatures: [], ...settings });

const PATH = "/w:10/plain/local:///png/png.png";
const SIGNATURE = "IjRkv2FmaaQKKgmuYjVHvf0EY0vWnNoyCUgPoEZEC0E";

/** Signatures that the reference accepts. */
const VECTORS: readonly [string, string, number][] = [
  [PATH, SIGNATURE, 32],
  [PATH, "IjRkv2FmaaQKKgmuYjVHvQ", 16],
  [PATH, "IjRkv2FmaaQ", 8],
  [`${PATH}@webp`, "71hVwp9p0esChEyPWwhf4caWADXbvAEWcCpmLLDPV7o", 32],
  ["/w:10/bG9jYWw6Ly8vcG5nL3BuZy5wbmc", "vn8iwQg4CHkzyrgwTdHJh1yGmMN791OjpOI1Nadod_M", 32],
  ["/w:10/plain/local:///png/é.png", "sfqjrpphyxZ0EEQJbMeQcEM6LwiumL6cytR7KCm_ltQ", 32],
  [
    "/rs:fill:300:400:0/g:sm/aHR0cDovL2V4YW1w/bGUuY29tL2ltYWdl/cy9jdXJpb3NpdHku/anBn.png",
    "oKfUtW34Dvo2BGQehJFR4Nr0_rIjOtdtzJ3QFsUcXH8",
    32,
  ],
];

describe("signatures", () => {
  test.each(VECTORS)("of %s is %s with %d bytes", async (path, signature, size) => {
    expect(signPath(path, pair, size)).toBe(signature);
    expect(await signPathWithWebCrypto(path, pair, size)).toBe(signature);
    expect(verifySignature(signature, path, rulesWith({ signatureSize: size }))).toBeTrue();
  });

  test("of another pair", () => expect(signPath(PATH, otherPair)).toBe("Sb4MBv8JkLgOSPHbe0tWuoOTEoIunnUbiAQPmtzTrS8"));

  test("are valid under every pair, but not across pairs", () => {
    const rules = rulesWith({ key: [pair.key, otherPair.key], salt: [pair.salt, otherPair.salt] });
    expect(verifySignature(signPath(PATH, pair), PATH, rules)).toBeTrue();
    expect(verifySignature(signPath(PATH, otherPair), PATH, rules)).toBeTrue();
    expect(verifySignature(signPath(PATH, { ...pair, salt: otherPair.salt }), PATH, rules)).toBeFalse();
    expect(verifySignature(signPath(PATH, { ...otherPair, salt: pair.salt }), PATH, rules)).toBeFalse();
  });

  test.each(["F", "G", "H"])("may end in %s, which differs in spare bits only", (last) =>
    expect(verifySignature(SIGNATURE.slice(0, -1) + last, PATH, rulesWith())).toBeTrue(),
  );

  test.each([
    `${SIGNATURE}=`,
    `${SIGNATURE}A`,
    SIGNATURE.slice(0, -1),
    `${SIGNATURE.slice(0, -1)}I`,
    SIGNATURE.toLowerCase(),
    "",
    "unsafe",
    "!",
    "IjRkv2FmaaQ",
  ])("%j is none of this path", (signature) => expect(verifySignature(signature, PATH, rulesWith())).toBeFalse());

  test("of the full length are refused where fewer bytes are wanted", () =>
    expect(verifySignature(SIGNATURE, PATH, rulesWith({ signatureSize: 8 }))).toBeFalse());

  test("do not survive the change of any byte of the path or of themselves", () => {
    const rules = rulesWith();
    for (let index = 0; index < PATH.length; index += 1) {
      for (const char of ["x", "%", "/"].filter((other) => other !== PATH[index])) {
        expect(verifySignature(SIGNATURE, PATH.slice(0, index) + char + PATH.slice(index + 1), rules)).toBeFalse();
      }
      expect(verifySignature(SIGNATURE, PATH.slice(0, index) + PATH.slice(index + 1), rules)).toBeFalse();
    }
    for (let index = 0; index < SIGNATURE.length - 1; index += 1) {
      const char = SIGNATURE[index] === "A" ? "B" : "A";
      expect(verifySignature(SIGNATURE.slice(0, index) + char + SIGNATURE.slice(index + 1), PATH, rules)).toBeFalse();
    }
  });
});

describe("checking a signature", () => {
  test("is off without keys", () => {
    const rules = rulesWith({ key: [], salt: [], trustedSignatures: ["other:x"] });
    expect(() => requireSignature("anything", PATH, rules)).not.toThrow();
    expect(refusalOf(() => requireSignature("w:10", PATH, rules))).toMatchObject({
      kind: "signature_missing",
      status: 403,
    });
    expect(refusalOf(() => requireSignature("other:x", PATH, rules)).kind).toBe("signature_missing");
  });

  test("lets trusted signatures pass, exactly as written", () => {
    const rules = rulesWith({ trustedSignatures: ["trust-me", "other:x"] });
    expect(() => requireSignature("trust-me", PATH, rules)).not.toThrow();
    expect(() => requireSignature("other:x", PATH, rules)).not.toThrow();
    expect(refusalOf(() => requireSignature("TRUST-ME", PATH, rules)).kind).toBe("forbidden");
    expect(refusalOf(() => requireSignature("w:10", PATH, rules)).kind).toBe("forbidden");
  });

  test("says what has to be signed, and not the right signature", () => {
    const { message, hint, status } = refusalOf(() => requireSignature("unsafe", PATH, rulesWith()));
    expect(status).toBe(403);
    expect(hint).toContain(PATH);
    expect(`${message}${hint}`).not.toContain(SIGNATURE);
  });

  test("needs as many salts as keys", () => {
    expect(refusalOf(() => rulesWith({ salt: [] })).kind).toBe("config");
    expect(refusalOf(() => rulesWith({ key: [] })).kind).toBe("config");
  });
});
