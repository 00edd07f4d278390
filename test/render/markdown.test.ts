import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { clip, code, escaped, fenced, list, plain, sentence, table } from "../../src/render/markdown.ts";
import { nodes, parse, spoken, words, wordsOf } from "../support/markdown.ts";

const JOINER = "\u2060";

describe("words of others", () => {
  it("shows in a table's cell what was written, and does nothing else", () => {
    fc.assert(
      fc.property(words, (written) => {
        const root = parse(
          table(
            ["a", "b"],
            [
              ["left", escaped(written)],
              ["next", "cell"],
            ],
          ),
        );
        const all = nodes(root);
        expect(all.filter(({ type }) => type === "tableRow")).toHaveLength(3);
        expect(all.filter(({ type }) => type === "tableCell")).toHaveLength(6);
        expect(
          all
            .map(({ type }) => type)
            .filter((type) => !["root", "table", "tableRow", "tableCell", "text", "link"].includes(type)),
        ).toEqual([]);
        const cell = all.filter(({ type }) => type === "tableCell")[3] ?? root;
        expect(wordsOf(cell).replaceAll(JOINER, "")).toBe(plain(written).replaceAll(JOINER, ""));
      }),
      { numRuns: 1000 },
    );
  });

  it("calls nobody and links to nothing", () => {
    fc.assert(
      fc.property(words, (written) => {
        for (const shown of [plain(written), spoken(escaped(written)), spoken(sentence(written))]) {
          expect(shown).not.toMatch(/@[\p{L}\p{N}_-]|#[\p{L}\p{N}]|\bGH-\d/iu);
          expect(shown).not.toMatch(/[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069\u200b]/u);
        }
        expect(escaped(written)).not.toMatch(/[<>|]/);
        expect(sentence(written)).not.toMatch(/[<>|]/);
      }),
      { numRuns: 1000 },
    );
  });

  it("stays inside a code span and a table's cell", () => {
    fc.assert(
      fc.property(words, (written) => {
        const all = nodes(parse(table(["a", "b"], [[code(written), "right"]])));
        expect(all.filter(({ type }) => type === "tableCell")).toHaveLength(4);
        expect(all.some(({ type }) => type === "html")).toBe(false);
        expect(code(written)).not.toMatch(/[\p{Cc}\u202a-\u202e]/u);
      }),
      { numRuns: 1000 },
    );
  });

  it("cannot close a fence", () => {
    fc.assert(
      fc.property(words, (written) => {
        const lines = written.replace(/\r\n?/g, "\n").toWellFormed().replaceAll("\0", "\ufffd");
        const { children = [] } = parse(fenced(lines, "text"));
        expect(children.map(({ type, value }) => ({ type, value }))).toEqual([{ type: "code", value: lines }]);
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["image:1.42.0", "`image:1.42.0`"],
    ["a`b", "``a`b``"],
    ["`a", "`` `a ``"],
    ["a|b", "a&#124;b"],
    ["", ""],
    ["a\nb", "`a b`"],
  ])("%j as code is %s", (written, shown) => {
    expect(code(written)).toBe(shown);
  });

  it.each([
    ["waiting for QA", "waiting for QA"],
    ["snake_case stays", "snake_case stays"],
    ["_no_ *no* `no`", "\\_no\\_ \\*no\\* \\`no\\`"],
    ["<b>", "&lt;b&gt;"],
    ["ask @ana", "ask @\u2060ana"],
    ["see #12", "see #\u206012"],
    ["two\nlines", "two lines"],
    ["\u202edcba", "dcba"],
  ])("%j is written %s", (written, shown) => {
    expect(escaped(written)).toBe(shown);
  });
});

describe("lengths", () => {
  it.each([
    ["abc", 3, "abc"],
    ["abcd", 3, "ab…"],
    ["ab cd", 4, "ab…"],
    ["😀😀😀", 2, "😀…"],
  ])("%s in %i is %s", (written, most, shown) => {
    expect(clip(written, most)).toBe(shown);
  });

  it("says how many items are not listed", () => {
    expect(list(["a", "b", "c"], 2)).toBe("- a\n- b\n- and 1 more");
    expect(list(["a", "b"], 2)).toBe("- a\n- b");
  });
});
