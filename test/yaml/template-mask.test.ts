import { describe, expect, it } from "vitest";
import { maskTemplates } from "../../src/yaml/template-mask.ts";

describe("the mask over a template", () => {
  it.each([
    ["a value", "a: {{ .x }}\n", "a: xxxxxxxx\n"],
    ["part of a value", 'a: "b:{{ .x }}"\n', 'a: "b:xxxxxxxx"\n'],
    ["a line of actions alone is blank", "  {{- if .x }} {{ end }}\r\na: 1\n", `${" ".repeat(24)}\r\na: 1\n`],
    ["a comment of several lines is blank", "{{/* a\nb */}}\na: 1\n", `${" ".repeat(6)}\n${" ".repeat(6)}\na: 1\n`],
    ["the first line of a block is text", "a: |\n  {{ .x }}\n  b\n", "a: |\n  xxxxxxxx\n  b\n"],
    ["a comment after an action", "{{ end }} # b\na: 1\n", `${" ".repeat(13)}\na: 1\n`],
    ["a key", "{{ .x }}: 1\n", "xxxxxxxx: 1\n"],
    ["an action over lines within a value", "a: b {{ .x\n  }} c\n", "a: b xxxxx\n  xx c\n"],
    [
      "the lines of a block are text",
      "a: |\n  b\n{{ .x }}\n  c\n{{ end }}\nd: 1\n",
      "a: |\n  b\n  xxxxxx\n  c\n         \nd: 1\n",
    ],
    ["the only line of a block", "- a: |\n{{ .x }}\n- d: 1\n", "- a: |\n        \n- d: 1\n"],
    ["what looks like an end in quotes", 'a: {{ "}}" }}\nb: 1\n', "a: xxxxxxxxxx\nb: 1\n"],
    ["what looks like an end in a comment", "a: {{- /* }} */ -}}\nb: 1\n", `a: ${"x".repeat(16)}\nb: 1\n`],
    ["a lone quote", "a: {{ ' }}\nb: 1\n", "a: xxxxxxx\nb: 1\n"],
    ["what never ends is left", "a: {{ .x\nb: 1\n", "a: {{ .x\nb: 1\n"],
    ["an item is no line of actions alone", "- {{ .x }}\n", "- xxxxxxxx\n"],
  ])("%s", (_, text, masked) => {
    expect(maskTemplates(text).text).toBe(masked);
    expect(masked).toHaveLength(text.length);
  });

  it.each([
    ["actions that never end", "{{ a\n".repeat(100_000)],
    ["quotes in one that never ends", `{{ ${'"a" '.repeat(100_000)}`],
    ["lone quotes in one that never ends", "{{ ' ".repeat(100_000)],
    ["escaped quotes in one that never ends", `{{ ${"\\'".repeat(300_000)}`],
    ["comments that never end", "{{/*".repeat(100_000)],
    ["backquotes in one that never ends", "{{ ` ".repeat(100_001)],
  ])("does not take long over %s", (_, text) => {
    expect(maskTemplates(text).masks).toEqual([]);
  });
});
