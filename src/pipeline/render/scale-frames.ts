import { releaseBytes } from "../../image/release-bytes.ts";
import type { RawImage } from "../../image/types.ts";
import { type FrameStrip, planFrameStrip } from "../plan/frame-strip.ts";
import type { Box } from "../plan/gravity.ts";
import type { Pass } from "../plan/pass.ts";
import { applyPass } from "./apply-pass.ts";
import { openPixels } from "./picture.ts";
import { type JobLimits, runToPixels } from "./sharp-job.ts";

/** Input of one job: large enough that its fixed cost does not count, small enough for the cache of the processor. */
const JOB_PIXELS = 1_000_000;

/**
 * Scales frames that are stacked in one picture, with the pixels that each would have alone (see `FrameStrip`), at a fraction of the
 * jobs. Null when this pass, or these sizes, must be done frame by frame.
 */
export async function scaleFrames(
  strip: RawImage,
  frames: { readonly count: number; readonly height: number },
  pass: Pass,
  limits: JobLimits,
): Promise<readonly RawImage[] | null> {
  const size = { width: strip.width, height: frames.height };
  const layout = strip.bits === 8 ? planFrameStrip(pass, size) : null;
  if (layout === null) return null;
  const perJob = framesPerJob(frames.count, strip.width * layout.period);
  // One after the other, in the same memory: new pages cost more than what is written to them.
  const memory = Buffer.allocUnsafeSlow(strip.width * strip.channels * layout.period * perJob);
  const scaled: RawImage[] = [];
  for (let from = 0; from < frames.count; from += perJob) {
    const count = Math.min(perJob, frames.count - from);
    const image = stackFrames(strip, { from, count, height: frames.height, memory }, layout);
    scaled.push(...(await scaleStack(image, { count, layout, pass }, limits)));
  }
  releaseBytes(memory);
  return scaled;
}

/** Equal jobs, as few as may be. */
function framesPerJob(count: number, framePixels: number): number {
  const most = Math.max(1, Math.floor(JOB_PIXELS / framePixels));
  return Math.ceil(count / Math.ceil(count / most));
}

type Frames = {
  readonly from: number;
  readonly count: number;
  readonly height: number;
  readonly memory: Buffer;
};

/** Some frames with their edges repeated. */
function stackFrames(strip: RawImage, { from, count, height, memory }: Frames, layout: FrameStrip): RawImage {
  const rowBytes = strip.width * strip.channels;
  const data = memory.subarray(0, rowBytes * layout.period * count);
  const rows = rowsOfPeriod(height, layout);
  for (let index = 0; index < count; index++) {
    const frame = strip.data.subarray((from + index) * height * rowBytes);
    const top = index * layout.period;
    data.set(frame.subarray(0, height * rowBytes), (top + layout.before) * rowBytes);
    for (const [row, source] of rows) {
      data.set(frame.subarray(source * rowBytes, (source + 1) * rowBytes), (top + row) * rowBytes);
    }
  }
  return { ...strip, height: layout.period * count, data };
}

/** Which row of the frame the repeated rows are: whole blocks of the first and of the last rows. */
function rowsOfPeriod(height: number, { before, block, period }: FrameStrip): readonly (readonly [number, number])[] {
  const firstOfLastBlock = Math.floor((height - 1) / block) * block;
  const above = Array.from({ length: before }, (_, row) => [row, Math.min(row % block, height - 1)] as const);
  const below = Array.from({ length: period - before - height }, (_, index) => {
    const inBlock = (height + index) % block;
    // A last block that is not full is filled with the last row.
    const source = height + index < firstOfLastBlock + block ? height - 1 : firstOfLastBlock + inBlock;
    return [before + height + index, Math.min(source, height - 1)] as const;
  });
  return [...above, ...below];
}

type Stack = { readonly count: number; readonly layout: FrameStrip; readonly pass: Pass };

async function scaleStack(image: RawImage, { count, layout, pass }: Stack, limits: JobLimits): Promise<RawImage[]> {
  const { scaled, scaledPeriod, scaledBefore } = layout;
  const resize = { width: layout.width, height: scaledPeriod * count };
  const input = { pass: { ...pass, cut: null, resize }, inputSize: image, forbidsReload: false, overlay: null };
  const stack = await runToPixels(applyPass(openPixels(image), input), 8, "processing", limits);
  const box = pass.cut ?? { left: 0, top: 0, ...scaled };
  return Array.from({ length: count }, (_, index) =>
    cutOut(stack, { ...box, top: index * scaledPeriod + scaledBefore + box.top }),
  );
}

/** A part of a picture: without a copy where it is as wide as that. */
function cutOut(image: RawImage, { left, top, width, height }: Box): RawImage {
  const { channels } = image;
  const rowBytes = image.width * channels;
  const rows = image.data.subarray(top * rowBytes, (top + height) * rowBytes);
  if (width === image.width) return { ...image, height, data: rows };
  const data = Buffer.allocUnsafeSlow(width * height * channels);
  for (let row = 0; row < height; row++) {
    const start = row * rowBytes + left * channels;
    data.set(rows.subarray(start, start + width * channels), row * width * channels);
  }
  return { ...image, width, height, data };
}
