import { nearestWord } from "../text/nearest.ts";
import type { Variables } from "./environment.ts";
import { PAID_EDITION_NAMES } from "./paid-names.ts";
import { ROWS } from "./reading.ts";
import { IGNORED, isInternalName, RENAMED } from "./retired.ts";
import { sentence, showText } from "./wording.ts";

/** Lines about names that are not in the table. */
export type OtherNames = {
  readonly errors: readonly string[];
  /** About names that were removed: errors when IMGPROXY_FAIL_ON_DEPRECATION is on, else warnings. */
  readonly deprecations: readonly string[];
  readonly warnings: readonly string[];
};

type Remark = { readonly kind: keyof OtherNames; readonly line: string };

/** Looks for names that were removed, have no effect here, belong to the paid edition, or are mistyped. */
export function readOtherNames(variables: Variables): OtherNames {
  const known = new Set(ROWS.map(({ row }) => row.env));
  const remarks = Object.entries(variables).flatMap(([name, text = ""]) =>
    known.has(name) || text.trim() === "" ? [] : (remarkOn(name, text, known) ?? []),
  );
  const ofKind = (kind: keyof OtherNames) => remarks.filter((remark) => remark.kind === kind).map(({ line }) => line);
  return { errors: ofKind("errors"), deprecations: ofKind("deprecations"), warnings: ofKind("warnings") };
}

function remarkOn(name: string, text: string, known: ReadonlySet<string>): Remark | undefined {
  const newName = RENAMED.get(name);
  if (newName !== undefined) {
    return { kind: "deprecations", line: `${name} was removed and has no effect; set ${newName} instead.` };
  }
  const ignored = IGNORED.get(name);
  if (ignored?.type?.parse(text).isGood === false) {
    return { kind: "errors", line: `${name}=${showText(text, false)} must be ${ignored.type.expected}. Remove it.` };
  }
  if (ignored !== undefined) return { kind: "warnings", line: `${name} is ignored: ${ignored.reason}.` };
  if (PAID_EDITION_NAMES.has(name)) {
    const line = `${name} has no effect: it belongs to imgproxy's paid edition and is not built here.`;
    return { kind: "warnings", line };
  }
  const isOurs = name.startsWith("IMGPROXY_") && !isInternalName(name);
  return isOurs ? { kind: "warnings", line: unknownLine(name, known) } : undefined;
}

/** The prefix is the same for all, so only what follows it is compared. */
function unknownLine(name: string, known: Iterable<string>): string {
  const ours = [...known].filter((candidate) => candidate.startsWith("IMGPROXY_")).map(withoutPrefix);
  const near = nearestWord(withoutPrefix(name), ours);
  return sentence(
    `${name} is unknown and has no effect${near === undefined ? "" : `; did you mean IMGPROXY_${near}?`}`,
  );
}

function withoutPrefix(name: string): string {
  return name.slice("IMGPROXY_".length);
}
