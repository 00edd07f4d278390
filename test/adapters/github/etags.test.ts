import { expect, it } from "vitest";

import { etags } from "../../../src/adapters/github/etags.ts";

it("keeps the latest answer of an address", () => {
  const kept = etags<number>(2);
  kept.keep("/a", { etag: "1", answer: 1 });
  kept.keep("/a", { etag: "2", answer: 2 });
  expect(kept.get("/a")).toEqual({ etag: "2", answer: 2 });
  expect(kept.get("/b")).toBeUndefined();
});

it("forgets the one that was not asked for the longest", () => {
  const kept = etags<number>(2);
  kept.keep("/a", { etag: "1", answer: 1 });
  kept.keep("/b", { etag: "1", answer: 2 });
  kept.get("/a");
  kept.keep("/c", { etag: "1", answer: 3 });
  expect(["/a", "/b", "/c"].map((address) => kept.get(address)?.answer)).toEqual([1, undefined, 3]);
});
