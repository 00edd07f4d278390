import { expect, it } from "vitest";

import { recent } from "../../../src/adapters/github/recent.ts";

it("keeps the latest value of a key until it is dropped", () => {
  const kept = recent<number>(2);
  kept.keep("/a", 1);
  kept.keep("/a", 2);
  expect(kept.get("/a")).toBe(2);
  expect(kept.get("/b")).toBeUndefined();
  kept.drop("/a");
  expect(kept.get("/a")).toBeUndefined();
});

it("forgets the one that was not asked for the longest", () => {
  const kept = recent<number>(2);
  kept.keep("/a", 1);
  kept.keep("/b", 2);
  kept.get("/a");
  kept.keep("/c", 3);
  expect(["/a", "/b", "/c"].map((key) => kept.get(key))).toEqual([1, undefined, 3]);
});
