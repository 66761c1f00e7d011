import type { ImageFormat } from "../../../src/formats.ts";
import type { SeededRandom } from "../../url/seeded-random.ts";

/** Options that send a picture along different ways through the program. */
const OPTIONS = [
  "",
  "w:50",
  "rs:fill:40:60/g:sm",
  "rs:force:33:77",
  "rs:fit:300:300/el:1",
  "w:101/dpr:1.5",
  "t:10",
  "t:30:ff0000:1:1/w:40",
  "c:30:20:we/rot:90",
  "rot:270/fl:1:1",
  "bl:3/sh:1",
  "pix:4/w:60",
  "ex:1/w:120/h:120/pd:5/bg:ff8800",
  "wm:0.5:re:3:3:0.2",
  "wm:1:soea/rs:fill:80:80",
  "eth:1/w:30",
  "q:40/mb:900",
  "sm:0/scp:0",
  "kcr:1/sm:1/w:70",
  "ph:1/scp:0",
  "ar:0/mw:200",
  "fq:jpg:20:webp:30:avif:35",
] as const;

const RESULTS = ["", "", "jpg", "png", "webp", "gif", "avif", "tiff", "bmp", "ico"] as const;
/** The slow ones, now and then. */
const RARE_RESULTS = ["jxl", "avif", "webp"] as const;

/** Options and extension of a request, `w:50` and `png`. */
export function pickRequest(
  format: ImageFormat,
  random: SeededRandom,
): { readonly options: string; readonly extension: string } {
  const extension = random.below(25) === 0 ? random.pick(RARE_RESULTS) : random.pick(RESULTS);
  const isDrawing = format === "svg" && random.below(3) === 0;
  return { options: random.pick(OPTIONS), extension: isDrawing ? "svg" : extension };
}
