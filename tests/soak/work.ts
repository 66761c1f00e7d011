import type { ImageFormat } from "../../src/formats.ts";
import type { SeededRandom } from "../url/seeded-random.ts";
import type { SoakPicture } from "./pictures.ts";
import type { GoodObject, RoughBuckets } from "./rough-buckets.ts";
import { BAD_WAY_NAMES, type BadWay, GOOD_WAY_NAMES, type GoodWay } from "./rough-origin.ts";

/** What an answer must be. */
export type Expected =
  | {
      readonly kind: "image";
      readonly format: ImageFormat;
      readonly size: readonly [number, number] | null;
      readonly frames: number;
    }
  /** The source, byte for byte. */
  | { readonly kind: "bytes"; readonly bytes: Uint8Array }
  /** 200 means a picture of any kind. */
  | { readonly kind: "status"; readonly statuses: readonly number[] };

/** One request and its right answer. */
export type Task = { readonly path: string; readonly expected: Expected };

type OptionRow = {
  readonly options: string;
  /** Of the result; null = not worth working out here. */
  readonly size: readonly [number, number] | null;
};

/** Sources are three wide for every two high and at least 48 × 32. */
const OPTIONS: readonly OptionRow[] = [
  { options: "w:150/el:1", size: [150, 100] },
  { options: "rs:fit:90:90/el:1", size: [90, 60] },
  { options: "rs:fill:120:120/el:1", size: [120, 120] },
  { options: "rs:fill:80:60/el:1/g:sm", size: [80, 60] },
  { options: "rs:force:90:70/el:1/fl:1:1", size: [90, 70] },
  { options: "c:24:20:we", size: [24, 20] },
  { options: "rs:force:50:40/el:1/pd:5/bg:ff8800", size: [60, 50] },
  { options: "rs:fit:200:200/el:1/ex:1", size: [200, 200] },
  { options: "rs:force:200:150/el:1/wm:0.5:soea:4:4:0.3", size: [200, 150] },
  { options: "rs:force:96:64/el:1/bl:2/sh:1", size: [96, 64] },
  { options: "rs:force:64:48/el:1/pix:4", size: [64, 48] },
  { options: "rs:force:100:80/el:1/mb:2500", size: [100, 80] },
  { options: "w:75/dpr:2/el:1", size: [150, 100] },
  { options: "t:12/w:60", size: null },
  { options: "rot:90/w:60/sm:0/scp:0", size: null },
];

const RESULTS: readonly (readonly [extension: string, format: ImageFormat])[] = [
  ["jpg", "jpeg"],
  ["png", "png"],
  ["webp", "webp"],
  ["webp", "webp"],
  ["avif", "avif"],
  ["gif", "gif"],
  ["tiff", "tiff"],
  ["bmp", "bmp"],
  ["ico", "ico"],
];
/** Seldom, since its encoder is slow. */
const RARE_RESULT = ["jxl", "jxl"] as const;
const RARELY = 30;
/** How many different requests there are of a kind: with results kept, some come again. */
const VARIANTS = 50;

const ANIMATED: ReadonlySet<ImageFormat> = new Set(["gif", "webp"]);

/** What a bad source ends with. A picture that is broken behind its header may still be one in part. */
const BAD_OUTCOMES: Readonly<Record<BadWay, readonly number[]>> = {
  silent: [504],
  stalled: [504],
  short: [422],
  huge: [422],
  dropped: [404],
  reset: [404, 422],
  circle: [404],
  nowhere: [404],
  missing: [404],
  failing: [502],
  words: [422],
  nothing: [422],
  noise: [404],
  badgzip: [422],
  broken: [200, 422],
};

/** Ways that the server waits for, and its workers with it: chosen less often than they would be by lot. */
const SLOW_WAYS: ReadonlySet<BadWay> = new Set(["silent", "stalled"]);

const WRONG_REQUESTS: readonly (readonly [path: string, status: number])[] = [
  ["/unsafe/nosuch:1/plain/{ORIGIN}/plain/large.jpg", 404],
  ["/unsafe/w:abc/plain/{ORIGIN}/plain/large.jpg", 404],
  ["/unsafe/plain/ftp://example.com/a.jpg", 404],
  ["/unsafe/%%%", 400],
  ["/unsafe/w:60000/h:60000/el:1/rt:force/plain/{ORIGIN}/plain/large.jpg@png", 422],
  ["/unsafe/plain/{ORIGIN}/plain/large.jpg@svg", 422],
  ["/unsafe/exp:1/plain/{ORIGIN}/plain/large.jpg", 404],
];

type BadSource = { readonly source: string; readonly statuses: readonly number[] };

/** Where the pictures of the soak can be had. */
export type SoakSources = {
  readonly pictures: readonly SoakPicture[];
  /** URL of the rough origin. */
  readonly origin: string;
  readonly buckets: RoughBuckets;
};

/** One source in so many is an object in S3. */
const IN_BUCKETS = 3;

/** Draws requests by lot: four of five are good ones. */
export function pickTask(sources: SoakSources, random: SeededRandom): Task {
  const lot = random.below(40);
  if (lot < 30) return goodTask(sources, random);
  if (lot < 32) return rawTask(sources, random);
  if (lot < 38) return badTask(sources, random);
  const [path, status] = random.pick(WRONG_REQUESTS);
  return { path: path.replace("{ORIGIN}", sources.origin), expected: { kind: "status", statuses: [status] } };
}

function pickGood(sources: SoakSources, random: SeededRandom, ways: readonly GoodWay[]): GoodObject {
  if (random.below(IN_BUCKETS) === 0) return sources.buckets.pickGood(random);
  const picture = random.pick(sources.pictures);
  return { source: `${sources.origin}/${random.pick(ways)}/${picture.name}`, picture };
}

function goodTask(sources: SoakSources, random: SeededRandom): Task {
  const { source, picture } = pickGood(sources, random, GOOD_WAY_NAMES);
  const variant = `cb:${random.below(VARIANTS)}`;
  if (picture.format === "svg" && random.below(4) === 0) {
    const expected = { kind: "image", format: "svg", size: null, frames: 1 } as const;
    return { path: `/unsafe/${variant}/plain/${source}@svg`, expected };
  }
  const { options, size } = random.pick(OPTIONS);
  const [extension, format] = random.below(RARELY) === 0 ? RARE_RESULT : random.pick(RESULTS);
  const frames = ANIMATED.has(format) ? picture.frames : 1;
  const path = `/unsafe/${options}/${variant}/plain/${source}@${extension}`;
  return { path, expected: { kind: "image", format, size, frames } };
}

/** A raw answer passes on what the source says, so only those that are not compressed. */
const RAW_WAYS: readonly GoodWay[] = ["plain", "chunked", "pieces", "closing", "moved"];

function rawTask(sources: SoakSources, random: SeededRandom): Task {
  const { source, picture } = pickGood(sources, random, RAW_WAYS);
  return { path: `/unsafe/raw:1/plain/${source}`, expected: { kind: "bytes", bytes: picture.bytes } };
}

function badTask(sources: SoakSources, random: SeededRandom): Task {
  const { source, statuses } = pickBad(sources, random);
  return {
    path: `/unsafe/w:60/cb:${random.below(VARIANTS)}/plain/${source}@png`,
    expected: { kind: "status", statuses },
  };
}

function pickBad({ pictures, origin, buckets }: SoakSources, random: SeededRandom): BadSource {
  if (random.below(IN_BUCKETS) === 0) {
    const { source, status } = buckets.pickBad(random);
    return { source, statuses: [status] };
  }
  const first = random.pick(BAD_WAY_NAMES);
  const way = SLOW_WAYS.has(first) ? random.pick(BAD_WAY_NAMES) : first;
  return { source: `${origin}/${way}/${random.pick(pictures).name}`, statuses: BAD_OUTCOMES[way] };
}
