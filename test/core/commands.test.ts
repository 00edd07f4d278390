import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { GRAMMAR, VERBS, helpText, isCommand, parseCommands } from "../../src/core/commands.ts";

describe("commands", () => {
  it.each([
    ["/abort", { verb: "abort", reason: undefined }],
    ["/abort errors are up", { verb: "abort", reason: "errors are up" }],
    ["/abort: errors", { verb: "abort", reason: "errors" }],
    ["/hold", { verb: "hold", reason: undefined }],
    ["/hold until   Monday", { verb: "hold", reason: "until Monday" }],
    ["/resume", { verb: "resume" }],
    ["/promote", { verb: "promote" }],
    ["/status", { verb: "status" }],
    ["/help", { verb: "help" }],
    ["  /Promote  ", { verb: "promote" }],
    ["/ABORT Now", { verb: "abort", reason: "Now" }],
    ["/promote!", { verb: "promote" }],
    ["/resume.", { verb: "resume" }],
    ["\u200B/pro\u200Dmote\uFEFF", { verb: "promote" }],
    ["/abort\u00A0errors", { verb: "abort", reason: "errors" }],
  ])("%s", (line, command) => {
    expect(parseCommands([line])).toEqual([command]);
  });

  it.each([
    ["/promot", { kind: "unknownCommand", word: "promot", didYouMean: "promote" }],
    ["/promote?", { kind: "unknownCommand", word: "promote?", didYouMean: "promote" }],
    ["/abrot", { kind: "unknownCommand", word: "abrot", didYouMean: "abort" }],
    ["/aborts now", { kind: "unknownCommand", word: "aborts", didYouMean: "abort" }],
    ["/hodl", { kind: "unknownCommand", word: "hodl", didYouMean: "hold" }],
    ["/stats", { kind: "unknownCommand", word: "stats", didYouMean: "status" }],
    ["/promote now", { kind: "unexpectedArgument", command: "promote", argument: "now" }],
    ["/resume when ready", { kind: "unexpectedArgument", command: "resume", argument: "when ready" }],
  ])("%s is a mistake", (line, error) => {
    expect(parseCommands([line])).toEqual([error]);
  });

  it.each([
    "/lgtm",
    "/cc @ana",
    "/etc/hosts",
    "/hold/on",
    "/retest",
    "/approve",
    "/assign ana",
    "/self",
    "/",
    "//abort",
    "/ abort",
    "abort",
    "",
    "/\u043Fromote",
    "/pro\u202Emote",
  ])("%s is not ours", (line) => {
    expect(parseCommands([line])).toEqual([]);
  });

  it("keeps a reason clean and short", () => {
    expect(parseCommands(["/abort a\u0000b\u001B[31m\u202Ec\u2066d\te\u2028f"])).toEqual([
      { verb: "abort", reason: "a b [31mcd e f" },
    ]);
    expect(parseCommands([`/hold ${"🚦".repeat(300)}`])).toEqual([{ verb: "hold", reason: "🚦".repeat(200) }]);
    expect(parseCommands(["/hold \uD83D"])).toEqual([{ verb: "hold", reason: "\uFFFD" }]);
    expect(parseCommands(["/hold \u200B\u202E"])).toEqual([{ verb: "hold", reason: undefined }]);
  });

  it("reads ten of a comment, in order, and says that there were more", () => {
    const twelve = Array.from({ length: 12 }, (_, i) => `/hold ${i}`);
    const parsed = parseCommands(["/lgtm", ...twelve]);
    expect(parsed).toHaveLength(11);
    expect(parsed[9]).toEqual({ verb: "hold", reason: "9" });
    expect(parsed[10]).toEqual({ kind: "tooManyCommands", limit: 10 });
  });
});

describe("the grammar", () => {
  it("has a help line for every verb, and every usage parses as its verb", () => {
    for (const verb of VERBS) {
      expect(helpText()).toContain(`\`${GRAMMAR[verb].usage}\`: ${GRAMMAR[verb].help}`);
      const [parsed] = parseCommands([GRAMMAR[verb].usage]);
      expect(parsed).toMatchObject({ verb });
    }
    expect(VERBS.toSorted()).toEqual(Object.keys(GRAMMAR).toSorted());
  });
});

const noise = fc.array(
  fc.oneof(
    fc.string({ unit: "binary" }),
    fc.string().map((text) => `/${text}`),
    fc.constantFrom(...VERBS.map((verb) => `/${verb}`)),
  ),
);

describe("laws", () => {
  it("never throws, never gives more than ten and a word about it, and reasons are bounded", () => {
    fc.assert(
      fc.property(noise, (lines) => {
        const parsed = parseCommands(lines);
        expect(parsed.length).toBeLessThanOrEqual(11);
        const reasons = parsed.map((one) => (isCommand(one) && "reason" in one ? (one.reason ?? "") : ""));
        expect(Math.max(0, ...reasons.map((reason) => Array.from(reason).length))).toBeLessThanOrEqual(200);
      }),
    );
  });

  it("does not mind carriage returns, spaces around and capitals", () => {
    fc.assert(
      fc.property(fc.constantFrom(...VERBS), fc.stringMatching(/^[ \t\r]{0,4}$/), fc.boolean(), (verb, space, loud) => {
        const line = `${space}/${loud ? verb.toUpperCase() : verb}${space}\r`;
        expect(parseCommands([line])).toEqual(parseCommands([`/${verb}`]));
      }),
    );
  });

  it("gives what it understood again when a reason is read twice", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (text) => {
        const [first] = parseCommands([`/abort ${text}`]);
        if (first === undefined || !("reason" in first)) return;
        expect(parseCommands([`/abort ${first.reason ?? ""}`])).toEqual([first]);
      }),
    );
  });
});
