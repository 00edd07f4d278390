import { describe, expect, it } from "vitest";
import { differences, type Tally } from "../../src/sandbox/tally.ts";

const END: Tally = {
  tree: "a".repeat(40),
  commits: ["payments 0% → 5%", "payments 5% → 0%"],
  pulls: ["tidegate/payments/prod/…/1-5", "tidegate/payments/prod/…/abort"],
  comments: ["renovate/payments-2.0.0: summary"],
  branches: [],
};

describe("a run's end", () => {
  it.each<[string, Partial<Tally>, readonly string[]]>([
    ["that is the same", {}, []],
    ["with another tree", { tree: "b".repeat(40) }, [`the tree is ${"b".repeat(40)}, not ${END.tree}`]],
    [
      "with a step merged twice",
      { commits: [...END.commits, "payments 0% → 5%"] },
      ["commit 2 times instead of 1: payments 0% → 5%"],
    ],
    ["without a commit", { commits: END.commits.slice(1) }, ["commit 0 times instead of 1: payments 0% → 5%"]],
    [
      "with a pull request opened twice",
      { pulls: [...END.pulls, "tidegate/payments/prod/…/abort"] },
      ["more than one pull request of tidegate/payments/prod/…/abort"],
    ],
    ["with a step that was never proposed", { pulls: END.pulls.slice(1) }, []],
    [
      "with a comment written twice",
      { comments: [...END.comments, ...END.comments] },
      ["comment 2 times instead of 1: renovate/payments-2.0.0: summary"],
    ],
    ["with a branch left over", { branches: ["tidegate/payments/prod/0123456789/1-5"] }, []],
  ])("%s", (_, changes, expected) => {
    expect(differences({ ...END, ...changes }, END)).toEqual(expected);
  });
});
