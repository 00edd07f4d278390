import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { innerText, outerOffset } from "../../src/yaml/inner.ts";
import { peek } from "../../src/yaml/look.ts";
import { readSource } from "../../src/yaml/source.ts";
import type { Scalar } from "../../src/yaml/tree.ts";

const innerOf = (text: string) => {
  const source = readSource({ path: "a.yaml", text });
  const [document] = source.documents;
  const scalar = peek(document, ["a"]);
  return scalar?.kind === "scalar" ? innerText(source, scalar) : undefined;
};

describe("the text within a block", () => {
  it.each([
    ["of one line", "a: |\n  b: 1\n", "b: 1\n"],
    ["of several, some deeper or blank", "a: |-\n    b:\n\n      - c\n  \n    d: 1\n", "b:\n\n  - c\n\nd: 1"],
    ["with blank lines kept", "a: |+\n  b\n\n \nc: 1\n", "b\n\n\n"],
    ["with an indentation of its own", "a: |2\n     b\n   c\n", "   b\n c\n"],
    ["that starts blank", "a: | # b\n\n  b\n", "\nb\n"],
    ["with Windows' line breaks", "a: |\r\n  b\r\n\r\n  c\r\nd: 1\r\n", "b\n\nc\n"],
    ["at the end of the file", "a: |\n  b", "b\n"],
  ])("%s is the file's own", (_, text, inside) => {
    const inner = innerOf(text);
    expect(inner?.text).toBe(inside);
    for (const [offset, unit] of Array.from(inside).entries()) {
      if (inner !== undefined && unit !== "\n") expect(text[outerOffset(inner, offset)]).toBe(unit);
    }
  });

  it.each([
    ["folded text", "a: >\n  b\n  c\n"],
    ["quoted text", 'a: "b"\n'],
    ["plain text", "a: b\n"],
  ])("%s has none", (_, text) => {
    expect(innerOf(text)).toBeUndefined();
  });

  it("is where it is said to be, or nowhere", () => {
    const line = fc.constantFrom("b: 1", "  c", "", " ", "# d", "- e", "\tf");
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 8 }), fc.constantFrom("|", "|-", "|+"), (lines, header) => {
        const text = `a: ${header}\n${["x", ...lines].map((each) => `  ${each}\n`).join("")}z: 1\n`;
        const inner = innerOf(text);
        expect(inner).toBeDefined();
        for (const [offset, unit] of Array.from(inner?.text ?? "").entries()) {
          if (inner !== undefined && unit !== "\n") expect(text[outerOffset(inner, offset)]).toBe(unit);
        }
      }),
    );
  });

  it("is nowhere where the value is not the text's", () => {
    const value: Scalar = {
      kind: "scalar",
      start: 3,
      end: 9,
      oddity: undefined,
      style: "block",
      value: "b",
      source: "b",
    };
    expect(innerText({ path: "a.yaml", text: "a: |\n  c\n" }, value)).toBeUndefined();
  });
});
