import { existsSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readJsonLines, readTarGz } from "../../bench/corpus.ts";
import { attempt } from "../../src/yaml/refusal.ts";
import { scan } from "../../src/yaml/scan.ts";
import { checkText, MANIFEST_LIMITS, parsed } from "../../src/yaml/source.ts";
import type { Tree } from "../../src/yaml/tree.ts";
import { mutated, yamlText } from "../support/yaml-text.ts";

const LIMITS = { ...MANIFEST_LIMITS, bytes: 16 * MANIFEST_LIMITS.bytes, tokens: 100 * MANIFEST_LIMITS.tokens };

const scanned = (text: string) => scan(text, { nodes: LIMITS.tokens, depth: LIMITS.depth });

const full = (text: string): readonly Tree[] | string => {
  const read = attempt(() => parsed({ path: "a.yaml", text }, text, LIMITS, "refused"));
  return read.kind === "ok" ? read.value : `${read.error.found}; ${read.error.why}`;
};

const isAsked = (text: string) => attempt(() => checkText({ path: "a.yaml", text }, LIMITS)).kind === "ok";

/** Whether the scanner read a text; fails where the full parser reads it in another way, or not at all. */
const agrees = (text: string): boolean => {
  const trees = isAsked(text) ? scanned(text) : undefined;
  if (trees !== undefined) expect({ text, trees }).toStrictEqual({ text, trees: full(text) });
  return trees !== undefined;
};

describe("the scanner reads what nearly every manifest is made of", () => {
  it.each([
    ["nothing", ""],
    ["comments", "# a\n\n  # b\n"],
    ["a mapping", "a: 1\nb: two\n"],
    ["no final line break", "a: 1"],
    ["a list at the indentation of its key", "a:\n- 1\n- 2\nb:\n  - 3\n"],
    ["lists of mappings", "- a: 1\n  b: 2\n-   c: 3\n    d:\n    - - 4\n      - 5\n"],
    ["empty values", "a:\nb:  # c\n  # d\nc:\n-\n-  # e\n- \nd:"],
    ["quotes", `"a": 'it''s'\n'b': "x\\n\\u00e9\\x41\\"\\/" # c\n`],
    ["documents", "---\na: 1\n--- # b\n# c\n---\nb: 2\n---\n"],
    ["a comment before a document", "# a\n---\na: 1\n"],
    ["a byte order mark", "\u{FEFF}a: 1\n"],
    ["Windows' line breaks", '\u{FEFF}---\r\na: "1"\r\n# b\r\n\r\nb: |\r\n  x\r\n\r\n  y\r\nc:\r\n- >-\r\n  z\r\n'],
    [
      "numbers",
      "- 1\n- -1\n- +1\n- 1.50\n- 1e3\n- 1234e56\n- 0755\n- 0o17\n- 0x1F\n- .5\n- -.inf\n- .NaN\n- 1_000\n- 1.2.3\n",
    ],
    ["words", "- true\n- True\n- no\n- null\n- ~\n- Null\n- nul\n- truely\n"],
    ["keys that are no text", "1.10: a\ntrue: b\n~: c\n0x10: d\nNull0: e\n"],
    ["colons and number signs in text", "a: b:c\nd: http://x/#y\ne: f#g # h\nimage: a.b:5000/c@sha256:0\n"],
    ["brackets", 'a: []\nb: {}\nc: [ 1, "b", \'c\', d e ]  # f\ng: {h: i, "j":k, l: {m: [n]}}\n'],
    ["brackets over lines", 'a: [\n  "b", # c\n\n  d\n]\ne: {\n  f: g,\n  # h\n  i: [1,\n    2]}\n'],
    ["JSON", '{\n  "a": [\n    {"b": 1, "c": null},\n    -1.5e3\n  ],\n  "d": {}\n}\n'],
    ["literal text", "a: |\n  b\n    c\n\n  # d\n\n# e\nf: |-\n    g\nh: |+\n  i\n\n\nj: k\n"],
    ["folded text", "a: >\n  b\n  c\n\n  d\n\n\n  e\nf: >-\n  g\nh: >+\n  i\n\n"],
    ["text with an indentation of its own", "a: |2\n    b\n   c\nd:\n- |1-\n  e\n"],
    ["blanks within text", "a: |\n\n  b  \n     \n  c\n \nd: e\n"],
    ["folded text with lines that are indented deeper", "a: >\n  b\n    c\n\n  d\n\te\n  f\n".replace("\t", "  \t")],
    ["anchors and aliases", "a: &b c\nd: &e\n  f: *b\ng: &h |\n  i\nj: &k\n- *b\n- &l # m\n  n: [*b, *e]\n"],
    ["merge keys", "a: &b\n  c: 1\nd:\n  <<: *b\n  e: 2\n"],
    ["text over lines", "a: b\n  c\n\n  d # e\nf:\n- g\n  -h\n"],
    ["text at the end", "a: |\n  b"],
    ["text kept at the end", "a: |+\n  b\n  "],
  ])("%s", (_, text) => {
    expect(agrees(text)).toBe(true);
  });
});

describe("the scanner leaves the rest to the full parser", () => {
  it.each([
    ["anchors of keys", "- &a b: c\n"],
    ["anchors of nothing", "a: &b\n"],
    ["aliases as keys", "a:\n  *b : c\n"],
    ["tags", "a: !b c\n"],
    ["text on its own line after a comment", "a:\n#b\n  c\n"],
    ["a key twice", "a: 1\nb: 2\na: 3\n"],
    ["a key twice among many", `${Array.from({ length: 50 }, (_, key) => `k${key}: 1\n`).join("")}k7: 1\n`],
    ["a key twice in brackets", "a: {b: 1, b: 2}\n"],
    ["keys that mean the same", "1.0: a\n1: b\n"],
    ["a key within text over lines", "a: b\n  c: d\n"],
    ["a comment within text over lines", "a: b # c\n  d\n"],
    ["quotes over lines", 'a: "b\n  c"\n'],
    ["directives", "%YAML 1.2\n---\na: b\n"],
    ["a tab for indentation", "a:\n\tb: c\n"],
    ["a key on the line of another", "a: b: c\n"],
    ["explicit keys", "? a\n: b\n"],
    ["another indentation", "a:\n    b: 1\n  c: 2\n"],
    ["a template", "a: {{ .b }}\n"],
    ["a key that is too long", `${"a".repeat(1025)}: b\n`],
    ["text in a document of its own", "a\n"],
    ["text that is more indented before it starts", "a: |\n    \n  b\n"],
    ["too little indentation in brackets", "a:\n  b: [\n1]\n"],
    ["an end of a document", "a: 1\n...\n"],
  ])("%s", (_, text) => {
    expect(scanned(text)).toBeUndefined();
  });

  it("at its bounds", () => {
    expect(scan("a: 1\nb: 2\n", { nodes: 1, depth: 9 })).toBeUndefined();
    expect(scan("a: [1, 2]\n", { nodes: 2, depth: 9 })).toBeUndefined();
    expect(scan("a:\n- b: 2\n", { nodes: 9, depth: 2 })).toBeUndefined();
    expect(scan("a: [[1]]\n", { nodes: 9, depth: 2 })).toBeUndefined();
    expect(scan("a: [[1]]\n", { nodes: 9, depth: 3 })).toBeDefined();
  });
});

describe("the scanner and the full parser agree", () => {
  it("on documents in many styles", () => {
    let read = 0;
    fc.assert(
      fc.property(yamlText(), (text) => {
        read += agrees(text) ? 1 : 0;
      }),
      { numRuns: 1500 },
    );
    expect(read).toBeGreaterThan(250);
  });

  it("on broken documents", () => {
    let read = 0;
    fc.assert(
      fc.property(mutated(yamlText()), (text) => {
        read += agrees(text) ? 1 : 0;
      }),
      { numRuns: 4000 },
    );
    expect(read).toBeGreaterThan(150);
  });

  it("on noise", () => {
    const signs = fc.constantFrom(...Array.from("-:#?|>'\"[]{},~.ab01 \n \n"));
    const words = fc.constantFrom("- ", ": ", "a: ", "\n  ", "|\n  ", "\r\n", "---\n");
    let read = 0;
    fc.assert(
      fc.property(fc.array(fc.oneof(signs, words), { maxLength: 24 }), (units) => {
        read += agrees(units.join("")) ? 1 : 0;
      }),
      { numRuns: 4000 },
    );
    expect(read).toBeGreaterThan(20);
  });
});

const MANIFESTS = new URL("../../../shared/data/corpora/manifests-dev.tar.gz", import.meta.url).pathname;
const CASES = new URL("../../../shared/data/corpora/dev.jsonl.gz", import.meta.url).pathname;

// The real files lie beside the repository, and only where somebody put them.
describe.skipIf(!existsSync(MANIFESTS) || !existsSync(CASES))("on real files", () => {
  it("the scanner agrees with the full parser, and reads nearly all", () => {
    const plain = [...readTarGz(MANIFESTS).values()].filter((text, index) => index % 4 === 0 && !text.includes("{{"));
    const read = plain.filter(agrees).length;
    expect(read / plain.filter((text) => typeof full(text) !== "string").length).toBeGreaterThan(0.95);
  }, 120_000);

  it("also on files before and after commits", () => {
    const texts = readJsonLines(CASES)
      .filter((_, index) => index % 60 === 0)
      .flatMap((line) => (line as { readonly files: readonly { before: string | null; after: string | null }[] }).files)
      .flatMap(({ before, after }) => [before ?? "", after ?? ""]);
    expect(texts.filter(agrees).length).toBeGreaterThan(texts.length / 2);
  }, 120_000);
});
