import fc from "fast-check";
import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { parseAllDocuments } from "yaml";
import { respell, type Piece } from "../../src/manifest/span.ts";
import { attempt, refusalText } from "../../src/yaml/refusal.ts";
import { readSource } from "../../src/yaml/source.ts";
import type { Scalar, Tree } from "../../src/yaml/tree.ts";
import { errorOf } from "./builders.ts";
import { hands, values, written } from "./written.ts";

const path = "apps/web.yaml";
const WORDS = ["1.2.3", "v2", "1.10", "0755", "1e5", "yes", "null", "-x", "a:b", "2026-01-02", "7", "---", "~"].filter(
  (word) => /^[\w./@:+-]*$/.test(word),
);

function leavesOf(
  tree: Tree,
  at: readonly (string | number)[] = [],
): readonly { readonly at: readonly (string | number)[]; readonly scalar: Scalar }[] {
  if (tree.kind === "map") return tree.entries.flatMap(({ key, value }) => leavesOf(value, [...at, key]));
  if (tree.kind === "list") return tree.items.flatMap((item, index) => leavesOf(item, [...at, index]));
  return tree.kind === "scalar" && tree.end > tree.start ? [{ at, scalar: tree }] : [];
}

const leavesIn = (text: string) => readSource({ path, text }).documents.flatMap((tree) => leavesOf(tree));

/** Every value by its path, as the parser of somebody else gives it. */
function valuesOf(text: string): ReadonlyMap<string, string> {
  const [document] = parseAllDocuments(text);
  return new Map(leavesIn(text).map(({ at }) => [at.join("/"), JSON.stringify(document?.getIn(at))]));
}

function pieceAt({ scalar }: { readonly scalar: Scalar }, text: string): Piece {
  const quotes = scalar.style === "plain" ? 0 : 1;
  return { start: scalar.start + quotes, end: scalar.end - quotes, text };
}

const edit = (text: string, piece: Piece) => attempt(() => respell({ path, text }, [piece], "yaml"));

describe("words put in place of a value", () => {
  const drawn = fc.record({
    value: values,
    hand: hands,
    pick: fc.nat(),
    other: fc.nat(),
    word: fc.constantFrom(...WORDS),
    more: fc.constantFrom(...WORDS),
  });

  it("are what the value says then, and nothing else says anything else; where that cannot be, they are refused", () => {
    fc.assert(
      fc.property(drawn, ({ value, hand, pick, word }) => {
        const text = written(value, hand);
        const leaves = leavesIn(text);
        const leaf = leaves[pick % leaves.length];
        if (leaf === undefined) return;
        const after = edit(text, pieceAt(leaf, word));
        if (after.kind === "err") return;
        const key = leaf.at.join("/");
        const now = valuesOf(after.value);
        const isNumber =
          leaf.scalar.style === "plain" && typeof leaf.scalar.value === "number" && /^\d+(?:\.\d*[1-9])?$/.test(word);
        expect(now.get(key)).toBe(isNumber && !/^0\d/.test(word) ? word : JSON.stringify(word));
        expect([...now].filter(([at]) => at !== key)).toEqual([...valuesOf(text)].filter(([at]) => at !== key));
        expect(after.value.split("\n")).toHaveLength(text.split("\n").length);
      }),
      { numRuns: 300 },
    );
  });

  it("at two places commute", () => {
    fc.assert(
      fc.property(drawn, ({ value, hand, pick, other, word, more }) => {
        const text = written(value, hand);
        const leaves = leavesIn(text);
        const [one, two] = [pick % leaves.length, other % leaves.length];
        const at = (now: string, index: number, said: string) => {
          const leaf = leavesIn(now)[index];
          return leaf === undefined ? undefined : edit(now, pieceAt(leaf, said));
        };
        const [first, second] = [at(text, one, word), at(text, two, more)];
        if (one === two || first?.kind !== "ok" || second?.kind !== "ok") return;
        expect(at(first.value, two, more)).toEqual(at(second.value, one, word));
      }),
      { numRuns: 200 },
    );
  });
});

describe("our own manifests", () => {
  const GOLDEN = new URL("../golden/", import.meta.url);
  // What makes a chart's objects is no YAML yet.
  const files = readdirSync(GOLDEN, { recursive: true, encoding: "utf8" }).filter(
    (name) => name.endsWith(".yaml") && !/\/charts?\/(?:.*\/)?templates\//.test(name),
  );
  it.each(files)("%s: each value is set to another and back", (name) => {
    const text = readFileSync(new URL(name, GOLDEN), "utf8");
    for (const leaf of leavesIn(text)) {
      if (
        leaf.scalar.style === "block" ||
        leaf.scalar.source.includes("\n") ||
        !/^[\w./@:+-]+$/.test(leaf.scalar.source)
      )
        continue;
      const other = typeof leaf.scalar.value === "number" ? "71" : "other-text";
      const there = edit(text, pieceAt(leaf, other));
      if (there.kind === "err") continue;
      const back = edit(there.value, {
        ...pieceAt(leaf, leaf.scalar.source),
        end: pieceAt(leaf, "").start + other.length,
      });
      expect(back).toEqual({ kind: "ok", value: text });
    }
  });
});

describe("what is refused", () => {
  const at = (text: string, words: string, said = "2") =>
    edit(text, { start: text.indexOf(words), end: text.indexOf(words) + words.length, text: said });
  it.each([
    ["a key", "image: a\n", "image", 1, '"image"'],
    ["a comment", "a: 1 # note\n", "note", 1, '"note"'],
    ["a tag", "a: !!str x1\n", "x1", 1, "a tag"],
    ["an action of a template", "{{ if x }}\na: {{ y1 }}\n", "y1", 2, ""],
    ["what is no YAML", "a: [x1\n", "x1", 2, "what is no YAML"],
    ["a key twice", "a: x1\na: 2\n", "x1", 2, 'the key "a" twice'],
    ["a truth without quotes", "a: yes\n", "yes", 1, '"yes"'],
  ])("%s", (...[, text, words, line, found]) => {
    const refused = refusalText(errorOf(at(text, words)));
    expect(refused).toContain(`${path}:${line}: found `);
    expect(refused).toContain(found);
  });

  it("words that YAML might take for more", () => {
    for (const words of ["a b", "x\ny", '"', "{{ x }}", "a#b", "é"])
      expect(at("a: x1\n", "x1", words).kind).toBe("err");
  });

  it("a line of a block within a template, by its line in the file", () => {
    const text = "on: 1\nconfig: |\n  a: 1\n  b: !!str x1\n";
    expect(errorOf(at(text, "x1"))).toMatchObject({ line: 4, found: "a tag" });
  });

  it("files beyond the limits, in bounded time", () => {
    const deep = `${"[".repeat(500)}x1${"]".repeat(500)}\n`;
    const large = `a: x1\nb: "${"y".repeat(2_000_000)}"\n`;
    const bomb = `a: x1\n${Array.from({ length: 40 }, (_, index) => `k${index}: &k${index} [${`*k${Math.max(0, index - 1)}, `.repeat(index === 0 ? 0 : 9)}1]\n`).join("")}`;
    for (const text of [deep, large]) expect(at(text, "x1").kind).toBe("err");
    expect(at(bomb, "x1")).toEqual({ kind: "ok", value: bomb.replace("x1", '"2"') });
  });
});
