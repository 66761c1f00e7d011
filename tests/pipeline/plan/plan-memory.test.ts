import { expect, test } from "bun:test";
import { type PlanInput, planImage } from "../../../src/pipeline/plan/plan.ts";
import { createPlanner } from "../../../src/pipeline/plan/plan-memory.ts";
import { metaOf, optionsOf } from "../requests.ts";

const OPTIONS = optionsOf("rs:fill:200:100/rot:90/wm:1");

const INPUT: PlanInput = {
  meta: metaOf({ format: "jpeg" }),
  source: { kind: "source" },
  size: { width: 400, height: 300 },
  options: OPTIONS,
  format: "jpeg",
  useLinearColorspace: false,
  disableShrinkOnLoad: false,
  watermark: null,
};

const canvas = { width: 50, height: 40, hasAlpha: true, isGrey: false, bits: 8 } as const;
const OTHERS: readonly (readonly [string, Partial<PlanInput>])[] = [
  ["orientation", { meta: metaOf({ format: "jpeg", orientation: 6 }) }],
  ["format of the source", { meta: metaOf({ format: "webp" }) }],
  ["pages", { meta: metaOf({ format: "webp", pages: 3 }) }],
  ["alpha", { meta: metaOf({ format: "webp", hasAlpha: true, channels: 4 }) }],
  ["colour space", { meta: metaOf({ format: "jpeg", space: "cmyk", channels: 4 }) }],
  ["profile", { meta: metaOf({ format: "jpeg", icc: Buffer.alloc(128) }) }],
  ["size", { size: { width: 300, height: 400 } }],
  ["options", { options: optionsOf("rs:fill:200:101/rot:90/wm:1") }],
  ["format", { format: "png" }],
  ["linear light", { useLinearColorspace: true }],
  ["full decoding", { disableShrinkOnLoad: true, size: { width: 4000, height: 3000 } }],
  ["watermark", { watermark: { isGrey: false } }],
  ["grey watermark", { watermark: { isGrey: true } }],
  ["raw pixels", { source: { kind: "pixels", canvas, isLoadShrunk: false }, size: { width: 50, height: 40 } }],
];

test("a planner plans as planImage does, whatever it has planned before", () => {
  const plan = createPlanner();
  const inputs = [INPUT, ...OTHERS.map(([, change]) => ({ ...INPUT, ...change }))];
  for (const input of [...inputs, ...inputs]) expect(plan(input)).toEqual(planImage(input));
});

test("equal pictures with the very same options have the very same plan", () => {
  const plan = createPlanner();
  const first = plan(INPUT);
  expect(plan({ ...INPUT, meta: metaOf({ format: "jpeg" }), size: { ...INPUT.size } })).toBe(first);
  expect(plan({ ...INPUT, options: { ...OPTIONS } })).not.toBe(first);
});

test.each(OTHERS)("another %s is planned anew", (_, change) => {
  const plan = createPlanner();
  const first = plan(INPUT);
  expect(plan({ ...INPUT, ...change })).not.toBe(first);
});

test("a picture with a profile is planned anew, since profiles are told apart by their bytes", () => {
  const plan = createPlanner();
  const input = { ...INPUT, meta: metaOf({ format: "jpeg", icc: Buffer.alloc(128) }) };
  expect(plan(input)).not.toBe(plan(input));
});
