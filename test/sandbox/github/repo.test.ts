import { execFileSync } from "node:child_process";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isBranchName } from "../../../src/sandbox/github/repo.ts";

/** What git itself says of a name. */
function isValid(name: string): boolean {
  try {
    execFileSync("git", ["check-ref-format", "--branch", name], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}

describe("a branch name", () => {
  it.each([
    "main",
    "feature/one",
    "größe",
    "a.b",
    "a@b",
    "",
    "@",
    "-x",
    ".x",
    "x.",
    "x..y",
    "x.lock",
    "x.lock/y",
    "x/",
    "/x",
    "x//y",
    "x/.y",
    "x y",
    "x~1",
    "x^",
    "x:y",
    "x?",
    "x*",
    "x[",
    "x\\y",
    "x@{1}",
    "x\ny",
    "x\u007f",
  ])("is judged as git judges it: %j", (name) => {
    expect(isBranchName(name)).toBe(isValid(name));
  });

  it("is never taken when git would not take it", () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z./@{}~^:-]{1,8}$/), (name) => {
        expect(!isBranchName(name) || isValid(name)).toBe(true);
      }),
      { numRuns: 60 },
    );
  });
});
