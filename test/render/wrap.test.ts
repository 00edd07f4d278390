import fc from "fast-check";
import { expect, it } from "vitest";
import { wrapped } from "../../src/render/wrap.ts";

it("breaks lines between words, each indented", () => {
  expect(wrapped("one two  three\nfour", "  ", 9)).toBe("  one two\n  three\n  four");
});

it("leaves a word that is longer whole", () => {
  expect(wrapped("a https://example.com/long b", "", 5)).toBe("a\nhttps://example.com/long\nb");
});

it("loses no word and exceeds the width by a single word only", () => {
  const word = fc.stringMatching(/^[a-z]{1,12}$/);
  fc.assert(
    fc.property(fc.array(word, { minLength: 1 }), fc.integer({ min: 4, max: 40 }), (words, columns) => {
      const lines = wrapped(words.join(" "), "  ", columns).split("\n");
      expect(lines.flatMap((line) => line.trim().split(" "))).toEqual(words);
      for (const line of lines) expect(line.length <= columns || !line.trim().includes(" ")).toBe(true);
    }),
  );
});
