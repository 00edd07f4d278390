import { describe, expect, it } from "vitest";
import { canonical } from "../../src/yaml/canonical.ts";
import { peek } from "../../src/yaml/look.ts";
import { attempt, refusalText } from "../../src/yaml/refusal.ts";
import { isElsewhere, resolved } from "../../src/yaml/resolved.ts";
import { readSource } from "../../src/yaml/source.ts";
import type { Tree } from "../../src/yaml/tree.ts";

const read = (text: string) => {
  const source = readSource({ path: "a.yaml", text });
  return attempt(() => source.documents.map((document) => resolved(source, document)));
};

const meaning = (text: string) => {
  const trees = read(text);
  return trees.kind === "ok" ? trees.value.map(canonical) : refusalText(trees.error);
};

describe("aliases and merge keys are what they stand for", () => {
  it.each([
    ["an alias", "a: &x 1\nb: *x\n", '{"a":1,"b":1}'],
    ["an alias of a mapping", "a: &x {c: 1}\nb: [*x, *x]\n", '{"a":{"c":1},"b":[{"c":1},{"c":1}]}'],
    ["a name given twice", "a: &x 1\nb: *x\nc: &x 2\nd: *x\n", '{"a":1,"b":1,"c":2,"d":2}'],
    ["a merge", "a: &x {c: 1, d: 2}\nb:\n  <<: *x\n  d: 3\n", '{"a":{"c":1,"d":2},"b":{"c":1,"d":3}}'],
    ["merges", "- &x {c: 1}\n- &y {c: 2, d: 2}\n- <<: [*x, *y]\n", '[{"c":1},{"c":2,"d":2},{"c":1,"d":2}]'],
    ["a merge of a merge", "- &x {c: 1}\n- &y {<<: *x}\n- {<<: *y}\n", '[{"c":1},{"c":1},{"c":1}]'],
    ["a merge of its own", "a: {<<: {b: 1}}\n", '{"a":{"b":1}}'],
    ["a key that only looks like a merge", "a:\n  <<: 1\n", '{"a":{"<<":1}}'],
    ["an alias of nothing", "a: *.example.com\n", '{"a":*.example.com}'],
    ["none", "a: 1\n", '{"a":1}'],
  ])("%s", (_, text, expected) => {
    expect(meaning(text)).toEqual([expected]);
  });

  it("knows each document's own", () => {
    expect(meaning("a: &x 1\n---\nb: *x\n")).toEqual(['{"a":1}', '{"b":*x}']);
  });

  it("tells what is written elsewhere, and where", () => {
    const trees = read("a: &x\n  image: b:1\nc: *x\nd:\n  <<: *x\n");
    const [tree] = trees.kind === "ok" ? trees.value : [];
    const places = ["a", "c", "d"].map((key) => peek(tree, [key, "image"]));
    expect(places.map((place) => place?.start)).toEqual([15, 15, 15]);
    expect(places.map((place) => place !== undefined && isElsewhere(place))).toEqual([false, true, true]);
  });
});

describe("aliases without measure are refused", () => {
  const nested = (levels: number) =>
    `a0: &a0 [1, 1]\n${Array.from({ length: levels }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join("")}`;

  it.each([
    ["a bomb", nested(40), "aliases of too much"],
    ["a bomb of merges", nested(40).replaceAll("[", "{b: [").replaceAll("]", "]}"), "aliases of too much"],
    [
      "a chain",
      `a0: &a0 [1]\n${Array.from({ length: 2000 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}]\n`).join("")}`,
      "too much",
    ],
    ["an alias of what holds it", "a: &x [*x]\n", "found the alias *x within itself; it has no end"],
  ])("%s", (_, text, why) => {
    expect(meaning(text)).toContain(why);
  });

  it("counts every node that an alias stands for", () => {
    const source = readSource({ path: "a.yaml", text: "a: &x [1, 1]\nb: *x\nc: *x\n" });
    const document: Tree = source.documents[0] ?? { kind: "alias", start: 0, end: 0, oddity: undefined, name: "" };
    expect(attempt(() => resolved(source, document, 6)).kind).toBe("ok");
    expect(attempt(() => resolved(source, document, 5)).kind).toBe("err");
  });
});
