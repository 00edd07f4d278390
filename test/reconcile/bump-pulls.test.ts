import { expect, it } from "vitest";
import type { Pull } from "../../src/ports/forge.ts";
import { mergeGroups } from "../../src/reconcile/bump-pulls.ts";
import { commit } from "../support/member.ts";

const HOTFIX: Pull = {
  number: 12,
  title: "Update checkout to 1.42.1",
  ours: false,
  author: "renovate",
  branch: "renovate/checkout",
  fromFork: false,
  base: "main",
  headSha: commit("1"),
  draft: false,
  labels: ["hotfix"],
  body: "",
};

it("what a merge queue is about to merge has the labels of its pull request", () => {
  const refs = new Map([
    ["refs/heads/main", commit("2")],
    ["refs/heads/gh-readonly-queue/main/pr-12-abc", commit("3")],
    ["refs/heads/gh-readonly-queue/other/pr-13-abc", commit("4")],
  ]);
  const groups = mergeGroups({ refs, branch: "main", pulls: [HOTFIX] });
  expect(groups).toEqual([{ number: 12, headSha: commit("3"), labels: ["hotfix"], fromFork: false }]);
});
