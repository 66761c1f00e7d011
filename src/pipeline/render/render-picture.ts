import type { RawImage } from "../../image/types.ts";
import type { Plan } from "../plan/plan.ts";
import { finishPicture, finishToPixels } from "./finish.ts";
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
    stage = { ...stage, pass, picture: { kind: "pixels", image }, window: null };
  }
  return stage;
}

/** A still picture, encoded, with the metadata that it keeps. */
export async function renderStill(job: RenderJob): Promise<{ readonly plan: Plan; readonly bytes: Uint8Array }> {
  const prologue = await beginPicture(job);
  const stage = await runToLastStage(prologue, job);
  return { plan: stage.plan, bytes: await finishPicture(stage, job) };
}

/** A still picture as raw pixels in its final colours. */
export async function renderToPixels(job: RenderJob): Promise<RawImage> {
  const prologue = await beginPicture(job);
  return await finishToPixels(await runToLastStage(prologue, job), job);
}
