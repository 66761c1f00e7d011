/**
 * The candidate a mistyped word was most likely meant to be, or undefined when none is near enough: at most one edit
 * (insert, delete, replace, swap of neighbours) for every three characters, and at least one. Three or more characters that
 * the other word continues, to at most twice the length, count as one edit; letter case counts as none.
 */
export function nearestWord(word: string, candidates: Iterable<string>): string | undefined {
  const wanted = word.toLowerCase();
  let nearest: string | undefined;
  let fewest = Math.max(1, Math.floor(wanted.length / 3)) + 1;
  for (const candidate of candidates) {
    const edits = editsBetween(wanted, candidate.toLowerCase(), fewest);
    if (edits >= fewest) continue;
    fewest = edits;
    nearest = candidate;
  }
  return nearest;
}

function editsBetween(from: string, to: string, limit: number): number {
  const [short, long] = from.length < to.length ? [from, to] : [to, from];
  const isContinued = short.length >= 3 && short !== long && long.length <= 2 * short.length && long.startsWith(short);
  if (isContinued) return 1;
  return long.length - short.length >= limit ? limit : editDistance(from, to);
}

/** Edits that turn `from` into `to` (optimal string alignment), row by row so that memory stays at three rows. */
function editDistance(from: string, to: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: to.length + 1 }, (_, column) => column);
  for (let row = 1; row <= from.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= to.length; column += 1) {
      const isSame = from[row - 1] === to[column - 1];
      let edits = Math.min(at(last, column) + 1, at(current, column - 1) + 1, at(last, column - 1) + (isSame ? 0 : 1));
      const isSwap = row > 1 && column > 1 && from[row - 1] === to[column - 2] && from[row - 2] === to[column - 1];
      if (isSwap) edits = Math.min(edits, at(beforeLast, column - 2) + 1);
      current.push(edits);
    }
    beforeLast = last;
    last = current;
  }
  return at(last, to.length);
}

function at(row: readonly number[], column: number): number {
  return row[column] ?? Number.POSITIVE_INFINITY;
}
