import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { closest, lettersApart } from "../../src/core/closest.ts";

describe("what was most likely meant", () => {
  it.each([
    ["bak", ["bake", "steps"], "bake"],
    ["BAKE", ["bake"], "bake"],
    ["setp", ["step", "full"], "step"],
    ["merics", ["metrics", "measure"], "metrics"],
    ["stats", ["state", "status"], "state"],
    ["colour", ["metrics", "waves"], undefined],
    ["", ["a"], "a"],
    ["self", ["help"], undefined],
    ["promt", ["promote"], "promote"],
    ["pro", ["promote"], undefined],
    ["x".repeat(41), ["x".repeat(40)], undefined],
    ["a", [], undefined],
  ])("%j of %j", (word, words, meant) => {
    expect(closest(word, words)).toBe(meant);
  });

  it("is the word itself where that is known", () => {
    fc.assert(
      fc.property(fc.array(fc.stringMatching(/^[a-z]{1,12}$/), { minLength: 1 }), fc.nat(), (words, at) => {
        const word = words[at % words.length] ?? "";
        expect(closest(word, words)).toBe(word);
      }),
    );
  });

  it("forgives one slip of any kind in four letters or more", () => {
    const slip = fc.tuple(fc.stringMatching(/^[a-z]{4,12}$/), fc.nat(11), fc.constantFrom("drop", "swap", "double"));
    fc.assert(
      fc.property(slip, ([word, place, kind]) => {
        const at = place % (word.length - 1);
        const [a = "", b = ""] = [word[at], word[at + 1]];
        const pair = { drop: b, swap: `${b}${a}`, double: `${a}${a}${b}` }[kind];
        expect(closest(`${word.slice(0, at)}${pair}${word.slice(at + 2)}`, [word])).toBe(word);
      }),
    );
  });

  it("is the first of the nearest, whatever stands around it", () => {
    const words = fc.array(fc.stringMatching(/^[ab]{0,6}$/), { maxLength: 8 });
    fc.assert(
      fc.property(fc.stringMatching(/^[ab]{0,6}$/), words, (word, all) => {
        const apart = all.map((candidate) => ({ candidate, away: lettersApart(word, candidate) }));
        const near = apart.filter(({ candidate, away }) => away <= Math.max(1, Math.floor(candidate.length / 3)));
        expect(closest(word, all)).toBe(near.toSorted((a, b) => a.away - b.away)[0]?.candidate);
      }),
    );
  });
});
