import fc from "fast-check";
import { describe, expect, it } from "vitest";

import { askedIn, askedText, isLogin } from "../../../src/adapters/github/asked.ts";
import { sha } from "../../../src/core/names.ts";
import { commandLines } from "../../../src/prose/markdown.ts";

const HEAD = sha("a".repeat(40));
const LINE = `<!-- tidegate:asked by=ana head=${HEAD} -->`;

describe("the comment of a press", () => {
  it.each(["promote", "hold", "abort"])("says who asked, where, and /%s as the only command", (verb) => {
    const text = askedText({ by: "ana", headSha: HEAD }, verb);
    expect(askedIn(text)).toEqual({ by: "ana", headSha: HEAD });
    expect(commandLines(text)).toEqual([`/${verb}`]);
    expect(text.split("\n")[0]).toBe(LINE);
  });

  it.each([
    ["GitHub's line ends", `${LINE}\r\n/hold`, true],
    ["a line before", `\n${LINE}\n/hold`, false],
    ["white space before", ` ${LINE}\n/hold`, false],
    ["words behind", `${LINE} /abort\n/hold`, false],
    ["another order", `<!-- tidegate:asked head=${HEAD} by=ana -->`, false],
    ["a topic of that name", "<!-- tidegate:asked -->\n/hold", false],
    ["a bot", LINE.replace("ana", "renovate[bot]"), false],
    ["a second comment in it", LINE.replace("ana", "ana--><!--"), false],
    ["a head that is none", LINE.replace(HEAD, "main"), false],
    ["a short head", LINE.replace(HEAD, "aaaaaaa"), false],
    ["nothing", "", false],
  ])("is known with %s: %s", (_, body, isPress) => {
    expect(askedIn(body)).toEqual(isPress ? { by: "ana", headSha: HEAD } : undefined);
  });

  it("never takes a line that it would not have written", () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (by, head) => {
        const asked = askedIn(`<!-- tidegate:asked by=${by} head=${head} -->\n/hold`);
        expect(asked).toBeUndefined();
      }),
    );
  });
});

it.each([
  ["ana", true],
  ["ana-b_acme", true],
  ["4711", true],
  ["a".repeat(39), true],
  ["a".repeat(40), false],
  ["-ana", false],
  ["ana b", false],
  ["ana\n", false],
  ["..", false],
  ["", false],
  [undefined, false],
])("a login is %j: %s", (value, expected) => {
  expect(isLogin(value)).toBe(expected);
});
