import { describe, expect, it } from "vitest";
import { attempt, quote, refusalText } from "../../src/yaml/refusal.ts";
import { MANIFEST_LIMITS, readSource } from "../../src/yaml/source.ts";

const refusal = (text: string) => {
  const read = attempt(() => readSource({ path: "a.yaml", text }));
  return read.kind === "err" ? refusalText(read.error) : "was read";
};

const MEGABYTE = MANIFEST_LIMITS.bytes;

describe("a hostile file is refused within bounds", () => {
  it.each([
    ["too large", "#".repeat(MEGABYTE + 1), "a file has at most 1048576"],
    ["large in bytes only", "é".repeat(MEGABYTE / 2 + 1), "a file has at most 1048576"],
    ["brackets", "[".repeat(MEGABYTE), "the file is too large"],
    ["fewer brackets", "[".repeat(60_000), "nested too deeply"],
    ["braces", "{".repeat(60_000), "nested too deeply"],
    ["lists in lists", "- ".repeat(45_000), "a.yaml:1"],
    ["keys in keys", "? ".repeat(45_000), "a.yaml:1"],
    ["closing brackets", "]".repeat(95_000), "found what is no YAML"],
    ["commas", `[${",".repeat(95_000)}]`, "found what is no YAML"],
    ["a deep nest that parses", `${"[".repeat(200)}${"]".repeat(200)}`, "nested too deeply"],
    [
      "deep blocks",
      Array.from({ length: 300 }, (_, depth) => `${" ".repeat(depth)}a:\n`).join(""),
      "nested too deeply",
    ],
    ["anchors upon anchors", "&a ".repeat(30_000), "found what is no YAML"],
    [
      "a key twice among many",
      `${Array.from({ length: 12_000 }, (_, key) => `k${key}: 1\n`).join("")}k7: 2\n`,
      'a.yaml:12001: found the key "k7" twice',
    ],
    ["a directive", "%YAML 1.1\n---\na: no\n", "a YAML directive"],
    ["a directive of the second document", "a: 1\n...\n%TAG ! x\n---\nb: 1\n", "a.yaml:3: found a YAML directive"],
    ["a NUL", "a: \0\n", "a.yaml:1: found the character U+0000"],
    ["a lone carriage return", "a: 1 # x\rimage: y\n", "U+000D"],
    ["a line separator", "a: 1 # x\u2028image: y\n", "U+2028"],
    ["a next line", "a: 1 # x\u0085image: y\n", "U+0085"],
  ])("%s", (_, text, why) => {
    expect(refusal(text)).toContain(why);
  });

  it("reads 12,000 keys of one mapping", () => {
    expect(refusal(Array.from({ length: 12_000 }, (_, key) => `k${key}: 1\n`).join(""))).toBe("was read");
  });
});

describe("an ordinary file is read", () => {
  it.each([
    ["nothing", "", 0],
    ["comments only", "# a\n", 0],
    ["a per cent sign in text", "a: |\n  %b\nb: '%c'\n", 1],
    ["aliases that nobody edits", "a: &x [1]\nb: *x\n", 1],
    ["several documents", "a: 1\n---\nb: 2\n---\n", 3],
    ["a byte order mark and Windows' line breaks", "\u{FEFF}a: 1\r\nb: [\r\n 2]\r\n", 1],
  ])("%s", (_, text, documents) => {
    expect(readSource({ path: "a.yaml", text }).documents).toHaveLength(documents);
  });
});

it("quotes foreign text on one line, short and without tricks", () => {
  expect(quote("a\nb\u202Ec\u0007")).toBe('"a b c "');
  expect(quote("x".repeat(1000))).toHaveLength(82);
});
