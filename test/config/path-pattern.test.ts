import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { coversPath, pathPattern } from "../../src/config/path-pattern.ts";

const covers = (text: string, path: string) => {
  const pattern = pathPattern(text);
  return pattern === undefined ? "none" : coversPath(pattern, path);
};

describe("a pattern", () => {
  it.each([
    ["*", "a", true],
    ["*", "a/b/c.yaml", true],
    ["**", "a/b", true],
    ["/*", "a", true],
    ["/*", "a/b", false],
    ["*.js", "a.js", true],
    ["*.js", "a/b/c.js", true],
    ["*.js", "a.jsx", false],
    ["*.js", "a.js/b", true],
    ["a", "a", true],
    ["a", "x/a/y", true],
    ["a", "ab", false],
    ["/a", "a/b", true],
    ["/a", "x/a", false],
    ["a/", "a", false],
    ["a/", "a/b", true],
    ["a/", "x/a/b/c", true],
    ["/a/", "x/a/b", false],
    ["/a/b/", "a/b/c/d", true],
    ["a/b", "a/b", true],
    ["a/b", "x/a/b", false],
    ["docs/*", "docs/start.md", true],
    ["docs/*", "docs/build/help.md", false],
    ["docs/*/", "docs/build/help.md", true],
    ["docs/*/", "docs/start.md", false],
    ["**/x/*", "x/x/y", true],
    ["**/x/*", "x/y/z", false],
    ["**/logs", "logs/a", true],
    ["**/logs", "build/logs/a/b", true],
    ["**/logs", "build/log", false],
    ["a/**", "a/b/c", true],
    ["a/**", "a", false],
    ["a/**/b", "a/b", true],
    ["a/**/b", "a/x/y/b/z", true],
    ["a/**/b", "x/a/b", false],
    ["a/**/b/**/c", "a/b/x/b/c", true],
    ["a?c", "abc", true],
    ["a?c", "a/c", false],
    ["a?c", "a🚦c", true],
    ["a*c*e", "abcde", true],
    ["a*ce", "abce/x", true],
    ["a*c*e", "aced", false],
    ["a**c", "abbc", true],
    ["a**c", "a/c", false],
    ["A", "a", false],
    ["a.c", "abc", false],
    ["a\\ b", "a b", true],
    ["a\\*", "a*", true],
    ["a\\*", "ab", false],
    ["a+(b)|{c}$^", "a+(b)|{c}$^", true],
    ["a#b", "a#b", true],
  ])("%s for %s: %s", (text, path, isCovered) => {
    expect(covers(text, path)).toBe(isCovered);
  });

  it.each(["", "/", "//", "a//b", "!a", "#a", "\\#a", "a[bc]", "a]", "***", "***/a.rb", "a\\", "a\u0000"])(
    "%j is none",
    (text) => {
      expect(pathPattern(text)).toBeUndefined();
    },
  );
});

const folder = fc.stringMatching(/^[ab.]{1,3}$/);
const path = fc.array(folder, { minLength: 1, maxLength: 5 }).map((names) => names.join("/"));

/** The same by a regular expression, slow on hostile patterns. */
function expression(pattern: string): RegExp {
  const names = pattern
    .split("/")
    .map((name) => name.replaceAll(".", "\\.").replaceAll("*", "[^/]*").replaceAll("?", "[^/]"));
  return new RegExp(`^${names.map((name) => (name === "[^/]*[^/]*" ? "(?:[^/]+/)*" : `${name}/`)).join("")}(?:.*/)?$`);
}

describe("laws", () => {
  const piece = fc.oneof(fc.stringMatching(/^[ab.*?]{0,3}[ab.?]$/), fc.constant("**"));
  const pattern = fc.array(piece, { minLength: 1, maxLength: 4 }).map((names) => `/${[...names, "a"].join("/")}`);

  it("matches what the expression of the same meaning matches", () => {
    fc.assert(
      fc.property(pattern, path, (text, where) => {
        fc.pre(!text.includes("***"));
        expect(covers(text, where)).toBe(expression(text.slice(1)).test(`${where}/`));
      }),
      { numRuns: 2000 },
    );
  });

  it("what is named exactly is covered, with all that is below it", () => {
    fc.assert(
      fc.property(path, folder, (where, below) => {
        expect(covers(`/${where}`, where)).toBe(true);
        expect(covers(`/${where}`, `${where}/${below}`)).toBe(true);
        expect(covers(`/${where}/`, where)).toBe(false);
      }),
    );
  });
});

describe("hostile patterns", () => {
  // By backtracking over every wildcard the first takes 17 seconds with seven pairs, and eight times as long with each further one.
  it.each([
    ["folders", `${"**/a/".repeat(80)}c`, `${"a/".repeat(250)}b`],
    ["letters", `${"*a".repeat(200)}b`, "a".repeat(500)],
    ["both", `${"**/*a*/".repeat(70)}c`, `${"aaa/".repeat(120)}b`],
  ])("of %s end soon", (_, text, where) => {
    const started = process.cpuUsage();
    expect(covers(text, where)).toBe(false);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(1);
  });
});
