import sharp from "sharp";
import type { Kind } from "../work/kinds.ts";
import type { Contestant } from "./contestant.ts";

/** How alike the two answers are: the comparison is void when one of them does less. */
export type Likeness = {
  readonly sizes: readonly [string, string];
  /** Mean difference of a sample, 0…255; NaN when the sizes differ. */
  readonly difference: number;
};

export async function compareAnswers(kind: Kind, pair: readonly [Contestant, Contestant]): Promise<Likeness> {
  const [ours, theirs] = await Promise.all(pair.map((contestant) => picture(contestant.urlOf(kind, 0))));
  if (ours === undefined || theirs === undefined) throw new TypeError("two contestants give two answers");
  const isSame = ours.size === theirs.size;
  let sum = 0;
  for (let at = 0; at < ours.data.length; at++) sum += Math.abs((ours.data[at] ?? 0) - (theirs.data[at] ?? 0));
  return { sizes: [ours.size, theirs.size], difference: isSame ? sum / ours.data.length : Number.NaN };
}

async function picture(url: string): Promise<{ readonly data: Buffer; readonly size: string }> {
  const answer = await fetch(url);
  if (answer.status !== 200) throw new Error(`status ${answer.status} of ${url}: ${await answer.text()}`);
  const bytes = Buffer.from(await answer.arrayBuffer());
  const { pages = 1, format, channels } = await sharp(bytes).metadata();
  const { data, info } = await sharp(bytes, { animated: true })
    .toColourspace("srgb")
    .ensureAlpha()
    .raw()
    .toBuffer({ resolveWithObject: true });
  return { data, size: `${info.width}×${info.height / pages} ${format}, ${pages} frames, ${channels} bands` };
}
