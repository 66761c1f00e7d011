import { describe, expect, test } from "bun:test";
import { BoundedMap } from "../src/bounded-map.ts";

describe("a bounded map", () => {
  test("keeps the newest and the used", () => {
    const map = new BoundedMap<number>({ maxEntries: 2 });
    map.set("a", 1);
    map.set("b", 2);
    map.get("a");
    map.set("c", 3);
    expect([map.size, map.get("a"), map.get("b"), map.get("c")]).toEqual([2, 1, undefined, 3]);
    map.set("a", 4);
    expect([map.size, map.get("a")]).toEqual([2, 4]);
  });

  test("makes room for a heavy value by forgetting as many as it takes", () => {
    const map = new BoundedMap<string>({ maxEntries: 10, maxWeight: 100 });
    for (const key of ["a", "b", "c"]) map.set(key, key, 30);
    map.set("d", "d", 60);
    expect([map.size, map.get("a"), map.get("b"), map.get("c")]).toEqual([2, undefined, undefined, "c"]);
  });

  test("gives back the weight of what is deleted or replaced", () => {
    const map = new BoundedMap<string>({ maxEntries: 10, maxWeight: 100 });
    map.set("a", "old", 90);
    map.set("a", "new", 10);
    map.set("b", "b", 90);
    expect(map.delete("b")).toBe(true);
    expect(map.delete("b")).toBe(false);
    map.set("c", "c", 90);
    expect([map.get("a"), map.get("c")]).toEqual(["new", "c"]);
  });

  test("keeps nothing in place of a value that is too heavy", () => {
    const map = new BoundedMap<string>({ maxEntries: 10, maxWeight: 100 });
    map.set("a", "small", 1);
    map.set("a", "huge", 101);
    expect([map.size, map.get("a")]).toEqual([0, undefined]);
  });
});
