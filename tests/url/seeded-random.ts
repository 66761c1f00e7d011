/** Random numbers that are the same in every run: a failing case can be run again by its seed. */
export type SeededRandom = {
  /** A whole number from 0 to just below `limit`. */
  below(limit: number): number;
  pick<T>(items: readonly T[]): T;
};

/** A small generator of good enough quality for tests (the "mulberry" mixing of a 32-bit counter). */
export function seededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit: number) => Math.floor(next() * limit);
  return {
    below,
    pick: (items) => {
      if (items.length === 0) throw new Error("nothing to pick from");
      // The index is below the length, so there is an item.
      return items[below(items.length)] as (typeof items)[number];
    },
  };
}
