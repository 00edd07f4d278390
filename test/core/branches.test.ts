import { describe, expect, it } from "vitest";
import { isOver } from "../../src/core/action.ts";
import { weight } from "../../src/core/weight.ts";
import { inFlight, member } from "../support/member.ts";

describe("a branch that outlived its pull request", () => {
  it.each([
    ["tidegate/checkout/prod/cccccccccc/2-25", "over"],
    ["tidegate/checkout/prod/bbbbbbbbbb/2-25", "kept"],
    ["tidegate/checkout/prod/bbbbbbbbbb/abort", "kept"],
    ["tidegate/checkout/prod/bbbbbbbbbb/retry", "over"],
    ["tidegate/checkout/prod/none/rollback", "over"],
    ["tidegate/checkout/prod/none/notes", "kept"],
    ["tidegate/checkout/prod/mine/retry", "kept"],
    ["tidegate/checkout/prod/none/retry/more", "kept"],
    ["tidegate/other/prod/none/retry", "kept"],
  ])("%s is %s while another release is under way", (branch, expected) => {
    expect(isOver(inFlight(1), branch) ? "over" : "kept").toBe(expected);
  });

  it.each([
    ["tidegate/checkout/prod/none/adopt", "over"],
    ["tidegate/checkout/prod/none/to-zero", "over"],
    ["tidegate/checkout/prod/bbbbbbbbbb/6-rest", "over"],
  ])("%s is %s at rest", (branch, expected) => {
    expect(isOver(member(), branch) ? "over" : "kept").toBe(expected);
  });

  it("keeps the way to 0 while a weight has no release", () => {
    const orphan = member({ manifest: { weight: weight(5) } });
    expect(isOver(orphan, "tidegate/checkout/prod/none/to-zero")).toBe(false);
  });
});
