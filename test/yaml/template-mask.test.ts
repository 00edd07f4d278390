import { describe, expect, it } from "vitest";
import { maskTemplates } from "../../src/yaml/template-mask.ts";

describe("the mask over a template", () => {
  it.each([
    ["a value", "a: {{ .x }}\n", "a: xxxxxxxx\n"],
    ["part of a value", 'a: "b:{{ .x }}"\n', 'a: "b:xxxxxxxx"\n'],
    ["a line of actions alone is blank", "  {{- if .x }} {{ end }}\r\na: 1\n", `${" ".repeat(24)}\r\na: 1\n`],
    ["a comment of several lines is blank", "{{/* a\nb */}}\na: 1\n", `${" ".repeat(13)}\na: 1\n`],
    ["the first line of a block is text", "a: |\n  {{ .x }}\n  b\n", "a: |\n  xxxxxxxx\n  b\n"],
    ["an item is no line of actions alone", "- {{ .x }}\n", "- xxxxxxxx\n"],
  ])("%s", (_, text, masked) => {
    expect(maskTemplates(text).text).toBe(masked);
    expect(masked).toHaveLength(text.length);
  });
});
