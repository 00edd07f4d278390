import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { holds, readCondition } from "../../../src/analysis/expr/condition.ts";
import { answerOfJson } from "../../../src/analysis/result.ts";

/** true, false, or why not: "syntax", "types", "value" or "unsupported". */
function outcome(condition: string, result: unknown = null, type = ""): boolean | string {
  const read = readCondition(condition);
  if (read.kind === "err") return read.error.kind;
  const answer = answerOfJson(result, type);
  if (answer.kind === "err") throw new Error(answer.error);
  const found = holds(read.value, answer.value);
  return found.kind === "ok" ? found.value : found.error.kind;
}

const NAN = { $float: "NaN" };
const INF = { $float: "+Inf" };

describe("the language", () => {
  it.each([
    // Precedence and its traps.
    ["1 + 2 * 3 == 7", true],
    ["2 ** 3 ** 2 == 512.0", true],
    ["-2 ** 2 == -4.0", true],
    ["not true == false", true],
    ["not 1 > 2", "types"],
    ["not (1 > 2)", true],
    ["1 < 2 < 3", true],
    ["3 > 2 > 2", false],
    ["1 in [1, 2] and 3 not in [1, 2]", true],
    ["nil ?? 1 == 1", "syntax"],
    ["(nil ?? 1) == 1", true],
    ["true ? 1 == 1 : 1 == 2", true],
    ["(nil ?? 0) ?: 2 == 2", "types"],
    // Numbers: whole and not.
    ["7 / 2 == 3.5", true],
    ["7 % 3 == 1 and -7 % 3 == -1", true],
    ["5.5 % 2 == 1", "types"],
    ["1 == 1.0", true],
    ["9223372036854775807 + 1 < 0", true],
    ["9223372036854775808 > 0", "syntax"],
    ["0.1 + 0.2 == 0.3", false],
    ["1 / 0 > 1e308", true],
    ["1 % 0 == 1", "types"],
    ["true or 1 % 0 == 1", "types"],
    ["0x1F + 0b11 + 0o7 + 1_000 == 1041", true],
    ["1..3 == [1, 2, 3] and len(3..1) == 0", true],
    ["2 ** 0.3 > 1", "unsupported"],
    ["2 ** 0.5 > 1.41", true],
    // Text is bytes, its length is in characters.
    ['len("äö") == 2', true],
    ['"äö"[0:2] == "ä"', true],
    ['"a" < "b" and "Z" < "a"', true],
    ['"x" + 1 == "x1"', "types"],
    ['upper("straße") == "STRASSE"', false],
    ['upper("\u1f80\ua7cd") == "\u1f88\ua7cd"', true],
    ['string(1234567.0) == "1.234567e+06" and string(100000.5) == "100000.5" and string(0.00001) == "1e-05"', true],
    ['toJSON(1234567.0) == "1234567" and toJSON([1, {b: nil, a: "<"}]) contains "u003c"', true],
    ['split("a,b,c", ",", 2) == ["a", "b,c"]', true],
    ["\"a\\u0041\\x42\" == 'aAB'", true],
    ['`a``b` == "a`b"', true],
    // Lists and closures.
    ["[1, 2, 3][-1] == 3", true],
    ["[1][1] == 1", "value"],
    ["[1, 2, 3, 4][1:-1] == [2, 3]", true],
    ["filter([1, 2, 3], # > 1) == [2, 3]", true],
    ["map(1..3, # * #index) == [0, 2, 6]", true],
    ["reduce(1..4, #acc * #) == 24", true],
    ["reduce([], #acc + #) == 0", "value"],
    ["one([1, 2, 3], {# > 2})", true],
    ["sum([]) == 0 and mean([]) == 0", true],
    ["count(1..10, # > 5) == 5", true],
    ["findIndex([4, 5], # == 5) == 1 and find([4], # == 5) == nil", true],
    ["sortBy([3, 1, 2], -#) == [3, 2, 1]", true],
    ['groupBy(["a", "b", "a"], #)["a"] == ["a", "a"]', true],
    ["let x = 2; x * x == 4", true],
    ["let result = 1; true", "types"],
    ["[1, 2] | sum() == 3", true],
    ["if 1 > 2 { false } else { true }", true],
    ['{a: 1}.a == 1 and {"a": {b: 2}}.a.b == 2', true],
    ["concat([], []) == nil", true],
    ["1 < findLast([1, 2], # == 2)", "value"],
    ["findLast([1, 2], # == 2) > 1", true],
    // Mistakes.
    ["result >= 0.95 &&", "syntax"],
    ["a == 1", "types"],
    ["1", "value"],
    ["1 = 1", "syntax"],
    ['"open', "syntax"],
    ["# > 1", "syntax"],
  ])("%s is %s", (condition, expected) => {
    expect(outcome(condition)).toBe(expected);
  });
});

describe("the type of the result decides", () => {
  it.each([
    ["float64", 0.97, "result >= 0.95", true],
    ["[]float64", [0.97], "result >= 0.95", "types"],
    ["[]float64", [0.97], "result[0] >= 0.95", true],
    ["float64", 0.97, "result[0] >= 0.95", "types"],
    ["float64", 3, "result in 1..5", true],
    ["float64", 3, "result % 2 == 1", "types"],
    ["int", 3, "result % 2 == 1", true],
    ["int", 3, "isNaN(result)", "value"],
    ["string", "1", "result == 1", "types"],
    ["string", "12", "asInt(result) == 12", true],
    ["string", "1.5", "asInt(result) == 1", "value"],
    ["nil", null, "result > 1", "types"],
    ["nil", null, "default(result, 0) == 0 and isNil(result)", true],
    ["[]float64", [], "default(result, [1]) == []", true],
    ["", { a: 1 }, "result == {a: 1}", false],
    ["", { a: 1 }, "result == {a: 1.0}", true],
    ["", { a: { b: null } }, "result.a?.b?.c?.d == nil", true],
    ["", { a: { b: null } }, "result.a.b.c == nil", "value"],
    ["", { a: 1 }, "result.zzz == nil", true],
    ["", { a: 1 }, 'result.a in ["x"]', "value"],
    ["", [{ v: 2 }, { v: 3 }], "all(result, .v > 1)", true],
    ["", { f: 1.5 }, "default(result.f, 0) == 1.5", false],
    ["bool", true, "result and 1 == 1", true],
    ["[]cloudwatchtypes.MetricDataResult", [{ Values: [0.1] }], "result[0].Values[0] == 0.1", true],
    ["[]cloudwatchtypes.MetricDataResult", [{ Values: [0.1] }], 'result[0].Label == "x"', "unsupported"],
  ])("%s %j: %s is %s", (type, result, condition, expected) => {
    expect(outcome(condition, result, type)).toBe(expected);
  });

  it.each([
    ["float64", NAN, "result > 0.9", false],
    ["float64", NAN, "!(result > 1)", true],
    ["float64", NAN, "result != 0", true],
    ["float64", NAN, "result not in [0, 1]", true],
    ["float64", INF, "isInf(result) and result > 1", true],
    ["[]float64", [], "all(result, # > 0.5)", true],
    ["[]float64", [], "none(result, # > 0.5)", true],
    ["[]float64", [], "any(result, # > 0.5)", false],
    ["[]float64", [], "mean(result) < 0.05", true],
    ["[]float64", [], "max(result) < 0.05", "value"],
    ["[]float64", [NAN, 1], "median(result) == 1", false],
  ])("no data and NaN: %s %j: %s is %s", (type, result, condition, expected) => {
    expect(outcome(condition, result, type)).toBe(expected);
  });
});

describe("what runs is what Argo's compiler makes of it", () => {
  it.each([
    ["result[9] > 0 or true", true],
    ["result[9] > 0 and false", false],
    ["filter(result, 10 / # > 9 or result[5] > 0)[0] == 1", true],
    ["len(map(filter(result, # > 1), result[9])) == 2", true],
    ["count(result, # == 1 or result[9] > 0) > 0", true],
    ["all(result, # < 2) && all(result, result[9] > 0)", "value"],
    ["sum([result[0], 1]) == 2", true],
    ["sum(1..2000000) == 2000001000000", true],
    ["len(1..2000000) > 0", "value"],
  ])("%s is %s", (condition, expected) => {
    expect(outcome(condition, [1, 2, 3], "[]float64")).toBe(expected);
  });
});

describe("what is refused when it is read", () => {
  it.each([
    ["now() > 0", "now() is not supported", 1],
    ['result > 0 and duration("1h") > 0', "duration() is not supported", 16],
    ["$env.result > 0", "$env is not supported", 1],
    ["len == nil", "len is not supported here", 1],
    ["isNaN == nil", "isNaN is not supported here", 1],
    ['b"x" == 1', "bytes", 1],
    ["result / 0.0 == result / -0.0", "0.0 and -0.0", 0],
    ['result matches "\\\\pL"', "\\p in a pattern is not supported", 16],
    [`${"(".repeat(500)}1`, "nesting", 121],
    [`result == "${"x".repeat(20_000)}"`, "more than 16384 characters", 0],
  ])("%s", (condition, message, at) => {
    const read = readCondition(condition);
    expect(read).toMatchObject({ kind: "err", error: { kind: "unsupported", at } });
    if (read.kind === "err") expect(read.error.message).toContain(message);
  });
});

describe("whatever is written", () => {
  const words = fc.constantFrom(
    ..."result 1 2.5 nil true [ ] ( ) { } . ?. , # + - * / ** == < in not and or ?? ? : let = ; all( map( len( matches".split(
      " ",
    ),
    '"a"',
    "x",
  );

  it("is read and evaluated to an end, and never throws", () => {
    fc.assert(
      fc.property(fc.array(words, { maxLength: 25 }), fc.jsonValue(), (parts, json) => {
        expect(["boolean", "string"]).toContain(typeof outcome(parts.join(" "), json));
      }),
      { numRuns: 500 },
    );
  });

  it.each([
    ["all(1..1000, all(1..1000, # > 0))", "value"],
    ["all(result, all(result, all(result, # >= 0)))", "unsupported"],
    ['len(reduce(1..100, #acc + #acc, "aaaaaaaa")) > 0', "unsupported"],
    ["len(string(reduce(1..60, [#acc, #acc], 1))) > 0", "unsupported"],
    ['("a" | repeat(100000)) matches "^(a+)+$" and ("a" | repeat(30)) matches "^(a|a)*b$"', false],
  ])("%s is bounded", (condition, expected) => {
    expect(
      outcome(
        condition,
        Array.from({ length: 400 }, () => 0),
        "[]float64",
      ),
    ).toBe(expected);
  });
});
