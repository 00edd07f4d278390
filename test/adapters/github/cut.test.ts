import fc from "fast-check";
import { expect, it } from "vitest";

import { cutLine, cutText } from "../../../src/adapters/github/cut.ts";

it.each([
  ["leaves what fits", "abc", 3, "abc"],
  ["counts bytes", "äöü", 6, "äöü"],
  ["ends with the closing line", "a".repeat(30), 20, `${"a".repeat(12)}\n\n(more)`],
  ["never halves a character", `${"a".repeat(11)}😀${"a".repeat(9)}`, 20, `${"a".repeat(11)}\n\n(more)`],
])("%s", (_, text, most, cut) => {
  expect(cutText(text, most, "(more)")).toBe(cut);
});

it("cuts a line", () => {
  expect(cutLine("a".repeat(20), 10)).toBe(`${"a".repeat(7)}…`);
});

it("gives whole characters of the text, then the closing line, and never too many bytes", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme", maxLength: 60 }), fc.integer({ min: 10, max: 80 }), (text, most) => {
      const cut = cutText(text, most, "(more)");
      expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(most);
      const kept = cut.endsWith("\n\n(more)") ? cut.slice(0, -8) : cut;
      expect(text.startsWith(kept)).toBe(true);
      expect(kept.length === text.length || Buffer.byteLength(text) > most).toBe(true);
    }),
  );
});
