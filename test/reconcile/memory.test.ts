import { describe, expect, it } from "vitest";
import { doubtedSince, forgetRefusals, freshMemory, keepRefusal, refusalOf } from "../../src/reconcile/memory.ts";
import { commit, MINUTE, NOON, SECOND } from "../support/member.ts";

const ENDS = { headSha: commit("b"), base: commit("a") };
const NO = { reason: "At least 1 approving review is required.", mostMs: 15 * MINUTE };

describe("a refusal", () => {
  it("is of that head on that base alone", () => {
    const memory = freshMemory();
    const kept = keepRefusal(memory, ENDS, NO, NOON);
    expect(refusalOf(memory, ENDS)).toEqual(kept);
    expect(refusalOf(memory, { ...ENDS, base: commit("c") })).toBeUndefined();
    expect(refusalOf(memory, { ...ENDS, headSha: commit("c") })).toBeUndefined();
  });

  it("stands for twice as long each time, up to its most, whatever the base", () => {
    const memory = freshMemory();
    const bases = ["a", "c", "d", "e", "f", "0", "1"].map(commit);
    const waits = bases.map((base) => keepRefusal(memory, { ...ENDS, base }, NO, NOON).until - NOON);
    expect(waits).toEqual([30, 60, 120, 240, 480, 900, 900].map((seconds) => seconds * SECOND));
  });

  it("and how often it was given are forgotten when people review", () => {
    const memory = freshMemory();
    keepRefusal(memory, ENDS, NO, NOON);
    forgetRefusals(memory);
    expect(refusalOf(memory, ENDS)).toBeUndefined();
    expect(keepRefusal(memory, ENDS, NO, NOON).until).toBe(NOON + 30 * SECOND);
  });

  it("is not kept for ever", () => {
    const memory = freshMemory();
    for (let time = 0; time < 100; time += 1)
      keepRefusal(memory, { ...ENDS, base: commit(String(time)) }, NO, NOON + time * 20 * MINUTE);
    expect(memory.refusals.size).toBe(1);
  });
});

describe("a doubt", () => {
  it("is as old as its first time", () => {
    const memory = freshMemory();
    expect(doubtedSince(memory, ENDS.headSha, NOON)).toBe(NOON);
    expect(doubtedSince(memory, ENDS.headSha, NOON + MINUTE)).toBe(NOON);
    expect(doubtedSince(memory, ENDS.base, NOON + MINUTE)).toBe(NOON + MINUTE);
  });
});
