import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { bytesOf } from "../../../src/analysis/expr/bytes.ts";
import { compilePattern, matches } from "../../../src/analysis/pattern/pattern.ts";

function match(pattern: string, text: string): boolean | string {
  const compiled = compilePattern(bytesOf(pattern));
  return compiled.kind === "ok" ? matches(compiled.value, bytesOf(text)) : compiled.error.kind;
}

describe("a pattern", () => {
  it.each([
    ["b", "abc", true],
    ["^b", "abc", false],
    ["^a.c$", "abc", true],
    ["a.c", "a\nc", false],
    ["(?s)a.c", "a\nc", true],
    ["^$", "", true],
    ["b$", "ab\n", false],
    ["(?m)b$", "ab\n", true],
    [String.raw`\d{3}-\d{2,}`, "555-1234", true],
    [String.raw`^\d{3}$`, "12", false],
    ["^(?:ab|cd)+$", "abcdab", true],
    ["^[^0-9]+$", "abc", true],
    ["[[:upper:]]x", "Ax", true],
    ["[]a]", "]", true],
    ["[a-]", "-", true],
    ["(?i)straSSe", "STRASSE", true],
    ["(?i)k", "\u212A", true],
    ["(?i)ä", "Ä", "unsupported"],
    [String.raw`\bfoo\b`, "a foo b", true],
    [String.raw`\x{48}\x49\101`, "HIA", true],
    [String.raw`\Qa.b\E`, "a.b", true],
    ["^.$", "ä", true],
    ["a{,2}", "a{,2}", true],
    ["(?P<name>a)(?<other>b)", "ab", true],
    [String.raw`\p{L}`, "a", "unsupported"],
    ["^a(?i)+$", "aaa", true],
    ["(?i)+", "a", "invalid"],
    ["a**", "a", "invalid"],
    ["*a", "a", "invalid"],
    ["(a", "a", "invalid"],
    ["a)", "a", "invalid"],
    ["[z-a]", "a", "invalid"],
    [String.raw`(a)\1`, "aa", "invalid"],
    ["(?=a)", "a", "invalid"],
    ["a{1001}", "a", "invalid"],
    ["(a{100}){100}", "a", "invalid"],
  ])("%s against %j is %s", (pattern, text, expected) => {
    expect(match(pattern, text)).toBe(expected);
  });

  it("means what JavaScript means by it, where both have it", () => {
    const atom = fc.constantFrom("a", "b", ".", "[ab]", "[^a]", String.raw`\d`, "(a|b)", "(?:ab)", "");
    const times = fc.constantFrom("", "*", "+", "?", "{2}", "{1,2}", "*?");
    const piece = fc.tuple(atom, times).map(([one, many]) => (one === "" ? "" : one + many));
    const pattern = fc.tuple(fc.constantFrom("", "^"), fc.array(piece, { maxLength: 5 }), fc.constantFrom("", "$"));
    fc.assert(
      fc.property(
        pattern,
        fc.string({ unit: fc.constantFrom("a", "b", "1", "c"), maxLength: 8 }),
        ([from, parts, to], text) => {
          const written = from + parts.join("") + to;
          expect(match(written, text)).toBe(new RegExp(written, "u").test(text));
        },
      ),
      { numRuns: 500 },
    );
  });
});
