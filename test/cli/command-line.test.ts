import { expect, it } from "vitest";
import { given, meant } from "../../src/cli/command-line.ts";

const GRAMMAR = { options: ["json", "help"], valued: ["at"], most: 1 };

it.each([
  [[], [], []],
  [["acme/gitops"], ["acme/gitops"], []],
  [["--json", "acme/gitops", "--help"], ["acme/gitops"], ["json", "help"]],
  [["--", "--json"], ["--json"], []],
])("understands %j", (args, words, switches) => {
  expect(given(args, GRAMMAR)).toEqual({
    kind: "ok",
    value: { words, switches: new Set(switches), values: new Map() },
  });
});

it.each([
  [["--at", "v1", "here"], "v1"],
  [["--at=v1", "here"], "v1"],
  [["--at", "v1", "--at", "v2", "here"], "v2"],
  [["--at=", "here"], ""],
])("takes the value of an option in %j", (args, value) => {
  expect(given(args, GRAMMAR)).toEqual({
    kind: "ok",
    value: { words: ["here"], switches: new Set(), values: new Map([["at", value]]) },
  });
});

it.each([
  [["--jsn"], "There is no option --jsn. Did you mean --json?"],
  [["--verbose"], "There is no option --verbose."],
  [["-x"], "There is no option -x."],
  [["--json=yes"], "--json takes no value."],
  [["--at"], "--at takes a value."],
  [["a", "b", "c"], "More was given than is understood: b c"],
])("says what is wrong with %j", (args, words) => {
  expect(given(args, GRAMMAR)).toEqual({ kind: "err", error: words });
});

it.each([
  ["doktor", " Did you mean doctor?"],
  ["stat", " Did you mean start?"],
  ["deploy", ""],
])("finds what was meant by %s", (word, words) => {
  expect(meant(word, ["start", "doctor", "why"])).toBe(words);
});
