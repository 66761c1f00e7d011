import { releaseBytes } from "../../image/release-bytes.ts";
import type { RawImage } from "../../image/types.ts";
import type { Plan } from "../plan/plan.ts";
import { encodeDrawing } from "./encode-drawing.ts";
import { finishPicture, finishToPixels } from "./finish.ts";
import type { Picture } from "./picture.ts";
import { beginPicture, type Prologue } from "./prologue.ts";
import type { RenderJob } from "./render-job.ts";
import { runStage, type Stage } from "./stage.ts";

/** Runs all passes but the last, which whoever asked finishes in its own way. */
export async function runToLastStage(prologue: Prologue, job: RenderJob): Promise<Stage> {
  const [first, ...rest] = prologue.plan.passes;
  if (first === undefined) throw new TypeError("a plan has at least one pass");
  let stage: Stage = { ...prologue, pass: first };
  for (const pass of rest) {
    const image = await runStage(stage, job);
    releasePicture(stage.picture);
    stage = { ...stage, pass, picture: { kind: "pixels", image }, window: null };
  }
  return stage;
}

/** A still picture, encoded, with the metadata that it keeps. */
export async function renderStill(job: RenderJob): Promise<{ readonly plan: Plan; readonly bytes: Uint8Array }> {
  const drawn = await encodeDrawing(job);
  if (drawn !== null) return drawn;
  const prologue = await beginPicture(job);
  const stage = await runToLastStage(prologue, job);
  const bytes = await finishPicture(stage, job);
  releasePicture(stage.picture);
  return { plan: stage.plan, bytes };
}

/** A still picture as raw pixels in its final colours. */
export async function renderToPixels(job: RenderJob): Promise<RawImage> {
  const stage = await runToLastStage(await beginPicture(job), job);
  const pixels = await finishToPixels(stage, job);
  releasePicture(stage.picture);
  return pixels;
}

/** Pixels between passes are nobody else's; a file is whoever's read it. */
function releasePicture(picture: Picture): void {
  if (picture.kind === "pixels") releaseBytes(picture.image.data);
}
