import { describe, expect, it } from "vitest";
import { ownersBy } from "../../../src/sandbox/github/code-owners.ts";

// pattern, paths that it covers, paths that it does not
const PATTERNS: readonly (readonly [string, readonly string[], readonly string[]])[] = [
  ["*", ["a", "deep/er/a.yaml"], []],
  ["*.yaml", ["a.yaml", "deep/a.yaml"], ["a.yml", "a.yaml.bak"]],
  ["/apps/", ["apps/a", "apps/deep/a"], ["other/apps/a", "apps"]],
  ["apps/", ["apps/a", "other/apps/a"], ["appsy/a"]],
  ["/docs/*", ["docs/a.md"], ["docs/deep/a.md"]],
  ["/apps/**", ["apps/a", "apps/deep/a"], ["other/apps/a"]],
  ["**/prod/values.yaml", ["prod/values.yaml", "a/b/prod/values.yaml"], ["prod/other.yaml"]],
  ["apps/*/canary.yaml", ["apps/shop/canary.yaml"], ["apps/shop/deep/canary.yaml", "x/apps/shop/canary.yaml"]],
  ["/build/logs", ["build/logs", "build/logs/a"], ["build/logs2"]],
  ["file?.txt", ["file1.txt"], ["file.txt", "file12.txt"]],
  ["a+b.(x)", ["a+b.(x)"], ["aab.(x)"]],
];

describe.each(PATTERNS)("the pattern %s", (pattern, covered, others) => {
  it("covers what GitHub's does", () => {
    const owners = ownersBy(`${pattern} @ana`);
    expect(covered.filter((path) => owners(path).length === 0)).toEqual([]);
    expect(others.filter((path) => owners(path).length > 0)).toEqual([]);
  });
});

it("the last line that matches decides, and may take the owners away", () => {
  const owners = ownersBy("# all\n* @ana @acme/shop\n\n/apps/ @ben # theirs\n/apps/free\n");
  expect(owners("README.md")).toEqual(["ana", "acme/shop"]);
  expect(owners("apps/a")).toEqual(["ben"]);
  expect(owners("apps/free")).toEqual([]);
});
