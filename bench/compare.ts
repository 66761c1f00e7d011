import { parseArgs } from "node:util";
import { startBareSharp, startImgproxy } from "./measure/contestant.ts";
import { duel } from "./measure/duel.ts";
import { compareAnswers } from "./measure/likeness.ts";
import { KINDS } from "./work/kinds.ts";
import { provideSources } from "./work/sources.ts";

const { values } = parseArgs({
  options: {
    ours: { type: "string", default: "dist/imgproxy" },
    peer: { type: "string" },
    only: { type: "string" },
    rounds: { type: "string", default: "5" },
    seconds: { type: "string", default: "1" },
    parallel: { type: "string", default: "4" },
  },
});
const folder = await provideSources();
const place = { kind: "folder", folder } as const;
const ours = await startImgproxy("ours", values.ours, place);
const theirs = values.peer ? await startImgproxy("peer", values.peer, place) : await startBareSharp(place);
const f = (s: { readonly median: number; readonly least: number; readonly most: number }) =>
  `${s.median.toFixed(3)} (${s.least.toFixed(2)}–${s.most.toFixed(2)})`;
for (const kind of KINDS.filter((k) => !values.only || values.only.split(",").includes(k.name))) {
  const like = await compareAnswers(kind, [ours, theirs]);
  const d = await duel(kind, [ours, theirs], {
    rounds: +values.rounds,
    seconds: +values.seconds,
    parallel: +values.parallel,
  });
  console.log(
    kind.name.padEnd(14),
    "rps",
    d.ours.perSecond.toFixed(1).padStart(7),
    "/",
    d.theirs.perSecond.toFixed(1).padStart(7),
    f(d.throughput),
    "cpu",
    d.ours.cpuMs.toFixed(2),
    d.theirs.cpuMs.toFixed(2),
    f(d.cpu),
    "diff",
    like.difference.toFixed(2),
    like.sizes[0] === like.sizes[1] ? "" : like.sizes.join(" vs "),
  );
}
await ours.stop();
await theirs.stop();
