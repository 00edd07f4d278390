import { describe, expect, it } from "vitest";
import { attempt, refusalText } from "../../src/yaml/refusal.ts";
import { MANIFEST_LIMITS, readSource } from "../../src/yaml/source.ts";
import { readTemplate } from "../../src/yaml/template.ts";

const WIDE = { ...MANIFEST_LIMITS, bytes: 16 * MANIFEST_LIMITS.bytes };
const DEEP = 100_000;

const outcome = (text: string, limits = MANIFEST_LIMITS) => {
  const read = attempt(() => readSource({ path: "a.yaml", text }, limits));
  return read.kind === "err" ? refusalText(read.error) : `${read.value.documents.length} documents`;
};

const asTemplate = (text: string) => attempt(() => readTemplate({ path: "a.yaml", text })).kind;

const keys = (count: number, value = "1") => Array.from({ length: count }, (_, key) => `k${key}: ${value}\n`).join("");

const bomb = `a0: &a0 [x, x]\n${Array.from({ length: 60 }, (_, at) => `a${at + 1}: &a${at + 1} [*a${at}, *a${at}]\n`).join("")}`;

describe("a hostile file is refused, or read as it is", () => {
  it.each([
    ["an alias bomb, which nothing sets off", bomb, MANIFEST_LIMITS, "1 documents"],
    ["200,000 keys", keys(200_000), MANIFEST_LIMITS, "a file has at most 1048576"],
    ["200,000 keys where files may be large", keys(200_000), WIDE, "more than 100000 tokens"],
    ["90,000 keys", keys(90_000), WIDE, "1 documents"],
    ["90,000 keys, the last of them twice", `${keys(90_000)}k89999: 2\n`, WIDE, "tokens"],
    ["12,000 keys, the first of them twice", `${keys(12_000)}k0: 2\n`, WIDE, 'found the key "k0" twice'],
    ["a scalar of 10 MB", `a: ${"x".repeat(10_000_000)}\n`, MANIFEST_LIMITS, "a file has at most 1048576"],
    ["a scalar of 10 MB where files may be large", `a: ${"x".repeat(10_000_000)}\n`, WIDE, "1 documents"],
    ["a block of 10 MB", `a: |\n${"  xxxxxxx\n".repeat(1_000_000)}`, WIDE, "1 documents"],
    ["folded text of 10 MB", `a: >\n${"  xxxxxxx\n".repeat(1_000_000)}`, WIDE, "1 documents"],
    ["plain text over 500,000 lines", `a: b\n${" c\n".repeat(500_000)}`, WIDE, "1 documents"],
    ["a line of 1 MB", `a: "${"x y".repeat(340_000)}"\n`, MANIFEST_LIMITS, "1 documents"],
    ["a line of 1 MB that no quote closes", `a: "${"x y".repeat(340_000)}\n`, MANIFEST_LIMITS, "a.yaml:"],
    ["a key of 1 MB", `${"x".repeat(1_000_000)}: 1\n`, MANIFEST_LIMITS, "at most 1024 chars"],
    ["escapes of 1 MB", `a: "${"\\n".repeat(500_000)}"\n`, MANIFEST_LIMITS, "1 documents"],
    ["blank lines", `a: 1\n${"\n".repeat(1_000_000)}b: 2\n`, MANIFEST_LIMITS, "1 documents"],
    ["blank lines with blanks", `a:\n${"   \n".repeat(200_000)}  b: 2\n`, MANIFEST_LIMITS, "1 documents"],
    ["comments", `a:\n${"#\n".repeat(400_000)}  b: 2\n`, MANIFEST_LIMITS, "1 documents"],
    ["blanks before a comment", `a: [${" ".repeat(1_000_000)}# b\n]\n`, MANIFEST_LIMITS, "1 documents"],
    ["100,000 documents", "---\n".repeat(100_000), MANIFEST_LIMITS, "100000 documents"],
    ["100,001 documents", "---\n".repeat(100_001), MANIFEST_LIMITS, "more than 100000 tokens"],
    ["brackets in brackets", "[".repeat(DEEP), MANIFEST_LIMITS, "a.yaml:1"],
    ["brackets in brackets, closed", "[".repeat(DEEP) + "]".repeat(DEEP), MANIFEST_LIMITS, "more than 100000 tokens"],
    ["100 brackets in a mapping", `a: ${"[".repeat(100)}${"]".repeat(100)}\n`, MANIFEST_LIMITS, "nested too deeply"],
    ["99 brackets in a mapping", `a: ${"[".repeat(99)}${"]".repeat(99)}\n`, MANIFEST_LIMITS, "1 documents"],
    ["lists in lists on a line", `${"- ".repeat(DEEP)}a\n`, MANIFEST_LIMITS, "more than 100000 tokens"],
    ["lists in lists", `${"- ".repeat(120)}a\n`, MANIFEST_LIMITS, "nested too deeply"],
    [
      "mappings in mappings",
      Array.from({ length: 1400 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
      MANIFEST_LIMITS,
      "nested too deeply",
    ],
    ["a NUL", "a: \0\n", MANIFEST_LIMITS, "the character U+0000"],
    ["bytes that are no text", "a: \u{FFFD}\n", MANIFEST_LIMITS, "the character U+FFFD"],
    ["half a character", "a: 1\nb: \uD83D\n", MANIFEST_LIMITS, "a.yaml:2: found the character U+D83D"],
    ["the other half", "a: \uDE00\n", MANIFEST_LIMITS, "the character U+DE00"],
    ["a byte order mark within", "a: \u{FEFF}b\n", MANIFEST_LIMITS, "1 documents"],
  ])("%s", (_, text, limits, expected) => {
    expect(outcome(text, limits)).toContain(expected);
  });

  it.each([
    ["actions that do not close", "{{".repeat(400_000)],
    ["dashes", `${"- ".repeat(400_000)}x |`],
    ["dashes and an action", `${"- ".repeat(400_000)}{{ x }} |\n`],
    ["blanks before a block", `a:${" ".repeat(900_000)}x |{{ x }}\n`],
    ["headers", `{{ x }}\n${"a: |\n".repeat(100_000)}`],
    ["lines of actions", `a: |\n${"{{ x }}\n".repeat(100_000)}`],
    ["actions on a line", `a: ${"{{x}}".repeat(180_000)}\n`],
    ["an action of 1 MB", `a: {{ ${"\n".repeat(900_000)} }}\n`],
    ["actions nested too deeply", "{{x}}[".repeat(100_000)],
  ])("%s in a template", (_, text) => {
    expect(["ok", "err"]).toContain(asTemplate(text));
  });
});

const NASTY = `%YAML 1.2
---
\u{FEFF}a: &x !t "b\\u00e9\\" # c" # d
? [e, {f: 'g''h', <<: *x}]
: - - |2+
      i

   >-
  - >-
    j
      k

    l
"m": {{ .n }}\r
o:
- p: *x
\tq: ~
...
--- # r
{"s": [1e3,
  .nan], t: }
`;

it("every part of a nasty file is refused or read, with and without its templates", () => {
  for (let end = 0; end <= NASTY.length; end += 1) {
    for (const text of [NASTY.slice(0, end), NASTY.slice(end), `a: ${NASTY.slice(end, end + 9)}`]) {
      expect(outcome(text)).toMatch(/^a\.yaml:\d+: found |^\d+ documents$/);
      expect(["ok", "err"]).toContain(asTemplate(text));
    }
  }
});
