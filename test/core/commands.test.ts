import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseCommands } from "../../src/core/command-lines.ts";
import { GRAMMAR, VERBS, helpText, isCommand, type Verb } from "../../src/core/commands.ts";

const reach = (argument: string, didYouMean?: string) => ({
  kind: "unknownArgument",
  command: "promote",
  argument,
  allowed: ["step", "full"],
  didYouMean,
});
const opting = (names: readonly string[], flags: Readonly<Record<string, unknown>>) => ({
  verb: "opt-in",
  names,
  parameters: [],
  ...flags,
});
const flag = (argument: string, allowed: readonly string[], didYouMean?: string) => ({
  kind: "unknownArgument",
  command: "opt-in",
  argument,
  allowed,
  ...(didYouMean !== undefined && { didYouMean }),
});
const gate = (argument: string, didYouMean?: string) => ({
  kind: "unknownArgument",
  command: "skip",
  argument,
  allowed: ["errors", "latency", "gauges", "seasonal"],
  didYouMean,
});
const version = (argument: string) => ({
  kind: "unknownArgument",
  command: "rollback",
  argument,
  allowed: ["a tag", "the beginning of a digest"],
});

/** A full stop at the end belongs to the text that these take. */
const TAKES_TEXT: ReadonlySet<Verb> = new Set(["abort", "hold", "skip"]);

describe("commands", () => {
  it.each([
    ["/abort", { verb: "abort", reason: undefined }],
    ["/abort errors are up", { verb: "abort", reason: "errors are up" }],
    ["/abort: errors", { verb: "abort", reason: "errors" }],
    ["/hold", { verb: "hold", reason: undefined }],
    ["/hold until   Monday", { verb: "hold", reason: "until Monday" }],
    ["/resume", { verb: "resume" }],
    ["/promote", { verb: "promote", reach: "step" }],
    ["/promote step", { verb: "promote", reach: "step" }],
    ["/promote full", { verb: "promote", reach: "full" }],
    ["/Promote FULL.", { verb: "promote", reach: "full" }],
    ["/promote `full`", { verb: "promote", reach: "full" }],
    ["/promote: full!", { verb: "promote", reach: "full" }],
    ["/retry", { verb: "retry" }],
    ["/adopt", { verb: "adopt" }],
    ["/skip errors the provider moves", { verb: "skip", gate: "errors", reason: "the provider moves" }],
    ["/skip `Errors`: known, see @ana", { verb: "skip", gate: "errors", reason: "known, see @ana" }],
    ["/rollback", { verb: "rollback", to: undefined }],
    ["/rollback 1.41.0", { verb: "rollback", to: "1.41.0" }],
    ["/rollback to v1.41.0-RC1.", { verb: "rollback", to: "v1.41.0-RC1" }],
    ["/rollback to", { verb: "rollback", to: "to" }],
    ["/rollback `sha256:4f1c`", { verb: "rollback", to: "sha256:4f1c" }],
    [`/rollback ${"a".repeat(128)}`, { verb: "rollback", to: "a".repeat(128) }],
    ["/why", { verb: "why" }],
    ["/plan", { verb: "plan" }],
    ["/backtest", { verb: "backtest" }],
    ["/status", { verb: "status" }],
    ["/help", { verb: "help" }],
    ["  /Promote  ", { verb: "promote", reach: "step" }],
    ["/ABORT Now", { verb: "abort", reason: "Now" }],
    ["/promote!", { verb: "promote", reach: "step" }],
    ["/resume.", { verb: "resume" }],
    ["\u200B/pro\u200Dmote\uFEFF", { verb: "promote", reach: "step" }],
    ["\u202A/promote\u202C \u2066full\u2069", { verb: "promote", reach: "full" }],
    ["\u200F/retry\u200E", { verb: "retry" }],
    ["/retry\r\n\n", { verb: "retry" }],
    ["/why .", { verb: "why" }],
    ["/abort\u00A0errors", { verb: "abort", reason: "errors" }],
    ["/opt-in web --target prod-eu", opting(["web"], { targets: ["prod-eu"] })],
    ["/opt-in --target=PROD-EU web", opting(["web"], { targets: ["prod-eu"] })],
    ["/opt-in web --target b,a --target b", opting(["web"], { targets: ["a", "b"] })],
    ["/opt-in web \u2014namespace shop.", opting(["web"], { namespace: "shop" })],
    ["/opt-in web -Namespace shop --target a", opting(["web"], { targets: ["a"], namespace: "shop" })],
    [
      "/opt-in web target=prod namespace=Shop",
      {
        ...opting(["web"], {}),
        parameters: [
          ["target", "prod"],
          ["namespace", "Shop"],
        ],
      },
    ],
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
    ["/rol\u00ADbak", { kind: "unknownCommand", word: "rolbak", didYouMean: "rollback" }],
    ["/rerty", { kind: "unknownCommand", word: "rerty", didYouMean: "retry" }],
    ["/promote ful", reach("ful", "full")],
    ["/promote setp.", reach("setp.", "step")],
    ["/promote full please", reach("full please", "full")],
    ["/promote everything", reach("everything")],
    ["/promote \u202Elluf", reach("lluf")],
    ["/skip", { kind: "missingArgument", command: "skip", what: "gate" }],
    ["/skip errors", { kind: "missingArgument", command: "skip", what: "reason" }],
    ["/skip errors \u202E", { kind: "missingArgument", command: "skip", what: "reason" }],
    ["/skip $speed it is fine", gate("$speed")],
    ["/skip error it is fine", gate("error", "errors")],
    ["/rollback 1.41.0 because of errors", version("1.41.0 because of errors")],
    ["/rollback -x", version("-x")],
    ["/rollback acme/checkout", version("acme/checkout")],
    [`/rollback ${"a".repeat(129)}`, version("a".repeat(129))],
    ["/opt-in web --tagret prod", flag("--tagret", ["--target", "--namespace"], "--target")],
    ["/opt-in web --write", flag("--write", ["--target", "--namespace"])],
    ["/opt-in web --target", { kind: "missingArgument", command: "opt-in", what: "target" }],
    ["/opt-in web --namespace --target a", { kind: "missingArgument", command: "opt-in", what: "namespace" }],
    ["/opt-in web --target a,,b", flag("--target", ["--target with a name"])],
    ["/opt-in web --target prod/eu", flag("--target prod/eu", ["--target with a name"])],
    ["/opt-in web --namespace a,b", flag("--namespace b", ["one namespace"])],
    ["/opt-out web --target a", { ...flag("--target", ["one service"]), command: "opt-out" }],
    ["/status please", { kind: "unexpectedArgument", command: "status", argument: "please" }],
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
    "`/hold`",
    "/test",
    "/close",
    "/reopen",
    "/rebase",
    "/deploy",
    "/release",
    "/run",
    "/sync",
    "/label bug",
    "/milestone 1",
    `/${".".repeat(65_000)}x`,
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
  it("has a help line and an example for every verb", () => {
    for (const verb of VERBS) {
      expect(helpText()).toContain(`\`${GRAMMAR[verb].usage}\`: ${GRAMMAR[verb].help}`);
      expect(GRAMMAR[verb].usage.split(" ")[0]).toBe(`/${verb}`);
      expect(GRAMMAR[verb].examples.length).toBeGreaterThan(0);
    }
    expect(VERBS.toSorted()).toEqual(Object.keys(GRAMMAR).toSorted());
  });
});

const examples = VERBS.flatMap((verb) =>
  GRAMMAR[verb].examples.map((example) => [example.line, verb, example] as const),
);

describe("an example of the table", () => {
  it.each(examples)("%s is what it is said to be", (line, verb, { command }) => {
    expect(parseCommands([line])).toEqual([command]);
    expect(command.verb).toBe(verb);
  });

  it.each(examples)("%s is read with capitals, spaces, line breaks and punctuation", (line, verb, { command }) => {
    const loud = line.replace(/^\/\w+/, (word) => word.toUpperCase());
    const [parsed] = parseCommands([
      `\uFEFF  ${loud.replaceAll(" ", " \t\u00A0")}${TAKES_TEXT.has(verb) ? "" : "."}\r\n\n`,
    ]);
    expect(parsed).toEqual(command);
  });
});

describe("long bodies", () => {
  it.each([
    ["one line", [`/abort ${"x ".repeat(32_000)}`]],
    ["a line of dots", [`/${".".repeat(65_000)}x`]],
    ["dots after the verb", [`/promote ${".".repeat(65_000)}x`]],
    ["back-ticks", [`/rollback ${"`".repeat(65_000)}x`]],
    ["spaces", [`/promote${" ".repeat(65_000)}full`]],
    ["what nobody sees", [`/abort ${"\u200B".repeat(65_000)}x`]],
    ["many lines", Array.from({ length: 8000 }, () => "/promtoe")],
  ])("of %s are read at once", (_, lines) => {
    const started = process.cpuUsage();
    expect(parseCommands(lines).length).toBeLessThanOrEqual(11);
    expect(process.cpuUsage(started).user / 1e6).toBeLessThan(1);
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
