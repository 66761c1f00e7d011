import { describe, expect, test } from "bun:test";
import { explainOptions } from "../../src/options/explain-options.ts";
import { parseOptions } from "../../src/options/parse-options.ts";
import {
  compileDifferingOptions,
  differingOptions,
  type PrintedOption,
  printOptions,
} from "../../src/options/print-options.ts";
import { OPTIONS } from "../../src/options/table/option-table.ts";
import { seededRandom } from "../url/seeded-random.ts";
import { NOW, refusalOf, rulesWith } from "./reference-settings.ts";

const rules = rulesWith({ allowSecurityOptions: true });
const parse = (segments: readonly string[], from = rules) => parseOptions(segments, from, NOW);

/** Options as people and programs write them, any of which may stand before or after any other. */
const SEGMENTS = [
  ...OPTIONS.flatMap((row) => row.examples),
  ..."rs::100:50:1 rs:fill rs:auto:5 s:::1:1:so:1:2 w:9007199254740993 h:0 z:.1:.3 z:1e-7 dpr:1.5 el:0 ex:0:no:0.1 exar:1:fp:.1:.2".split(
    " ",
  ),
  ..."g:ce:-5:.5 g:soea::7 g:fp:1:0 c:.25 c:0:0:sm c:3:4:fp:0:1 t:0:000 t:::1 t:1e3::0:1 pd::5 pd:::6 pd:1:2:3 ar:1 rot:-90 fl:0:1".split(
    " ",
  ),
  ..."bg:0:0:0 bg:fff bl:.0001 sh:0 pix:1 wm:.25:re:.1 wm:0 wm:1::::2 sm:1 kcr:1 ph:0 q:0 fq:jpg:1:avif:0 mb:5 f:heic skp:svg:png raw:0".split(
    " ",
  ),
  ..."cb: exp:-1 exp:4102444801 fn:a.b_c fn:%22 fn:w7w:t att:0 msr:0.57 msr:1.000001 msr:8.7 msfs:-1 maf:1 mafr:0 mafr:123.456789 mrd:-1".split(
    " ",
  ),
];

const inTable = (one: PrintedOption, other: PrintedOption) => OPTIONS.indexOf(one.row) - OPTIONS.indexOf(other.row);

describe("printing options", () => {
  test.each([
    [["w:300"], ["w:300"]],
    [["width:300", "height:200"], ["rs:fit:300:200"]],
    [["rs:fill:300:200:1"], ["rs:fill:300:200:1"]],
    [["resizing_type:fill"], ["rt:fill"]],
    [["enlarge:true"], ["el:1"]],
    [["gravity:no"], ["g:no:0:0"]],
    [["extend_ar:1"], ["exar:1"]],
    [["format:jpg"], ["f:jpeg"]],
    [["fn:übersicht"], ["fn:w7xiZXJzaWNodA:1"]],
    [["trim:10"], ["t:10::0:0"]],
    [["q:80", "w:10", "q:0"], ["w:10"]],
    [[], []],
  ])("%j becomes %j", (segments, printed) => expect(printOptions(parse(segments), rules.base)).toEqual(printed));

  test("takes another separator", () =>
    expect(printOptions(parse(["rs:fill:1:2"]), rules.base, ",")).toEqual(["rs,fill,1,2"]));

  test("refuses what a segment cannot hold", () => {
    for (const cachebuster of ["a/b", "a:b", "a b", "a?b", "%3A"]) {
      expect(refusalOf(() => printOptions({ ...rules.base, cachebuster }, rules.base)).kind).toBe("usage");
    }
  });

  test("every example, and every one after any other, reads back as the same value", () => {
    for (const segments of SEGMENTS.flatMap((one) => SEGMENTS.map((other) => [one, other]))) {
      const options = parse(segments);
      expect(parse(printOptions(options, rules.base))).toEqual(options);
    }
  });

  test("what differs is the same when found with a base that was looked at beforehand", () => {
    for (const { base } of [
      rules,
      rulesWith({ allowSecurityOptions: true, presets: ["default=rs:fill:5:5/g:so:1:2/fl:1/fq:jpg:9"] }),
    ]) {
      const differing = compileDifferingOptions(base);
      for (const segments of SEGMENTS.flatMap((one) => SEGMENTS.map((other) => [one, other]))) {
        const options = parse(segments);
        expect(differing(options).toSorted(inTable)).toEqual([...differingOptions(options, base)]);
      }
    }
  });

  test("random paths read back as the same value, also with a preset that is always applied", () => {
    const random = seededRandom(20_260_801);
    const bases = [
      rules,
      rulesWith({
        allowSecurityOptions: true,
        autoRotate: false,
        stripMetadata: false,
        presets: [
          "default=rs:fill:5:5:1/g:so:1:2/ex:1:no/c:9:9/t:5:f00:1/pd:1:2:3:4/bg:f00/q:9/fq:jpg:9/fn:x/cb:y/fl:1/z:2",
        ],
      }),
    ];
    for (let round = 0; round < 3000; round += 1) {
      const segments = Array.from({ length: random.below(8) }, () => random.pick(SEGMENTS));
      for (const base of bases) {
        const options = parse(segments, base);
        expect(parse(printOptions(options, base.base), base)).toEqual(options);
      }
    }
  });
});

describe("explaining options", () => {
  test("names every argument of what differs from the defaults", () => {
    const explained = explainOptions(parse(["rs:fill:300:0", "g:fp:.5:.25", "fq:jpg:5:webp:6"]), rules.base);
    expect(explained.map(({ name, written, arguments: args }) => ({ name, written, args }))).toEqual([
      {
        name: "resize",
        written: "rs:fill:300:0",
        args: [
          { name: "type", value: "fill" },
          { name: "width", value: "300" },
          { name: "height", value: "0" },
        ],
      },
      {
        name: "gravity",
        written: "g:fp:0.5:0.25",
        args: [
          { name: "type", value: "fp" },
          { name: "x", value: "0.5" },
          { name: "y", value: "0.25" },
        ],
      },
      {
        name: "format_quality",
        written: "fq:jpeg:5:webp:6",
        args: [
          { name: "format", value: "jpeg" },
          { name: "quality", value: "5" },
          { name: "format", value: "webp" },
          { name: "quality", value: "6" },
        ],
      },
    ]);
    expect(explained.every(({ doc }) => doc.endsWith("."))).toBeTrue();
  });

  test("says nothing of the defaults", () => expect(explainOptions(rules.base, rules.base)).toEqual([]));
});
