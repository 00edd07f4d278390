import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readCondition } from "../../src/analysis/expr/condition.ts";
import { measured, verdictOf, type Conditions } from "../../src/analysis/measure.ts";
import { answerOf, evidenceIn, jsonResult, numberResult, numbersResult } from "../../src/analysis/result.ts";

function conditions(success = "", failure = ""): Conditions {
  const [pass, fail] = [success, failure].map((text) => {
    const read = text === "" ? undefined : readCondition(text);
    return read?.kind === "ok" ? read.value : undefined;
  });
  return { success: pass, failure: fail };
}

describe("a measurement", () => {
  it.each([
    ["", "", 1, "Successful", "wait"],
    ["result > 0", "", 1, "Successful", "pass"],
    ["result > 0", "", -1, "Failed", "fail"],
    ["", "result > 0", 1, "Failed", "fail"],
    ["", "result > 0", -1, "Successful", "pass"],
    ["result > 0", "result > 0", 1, "Failed", "fail"],
    ["result > 5", "result < 0", 1, "Inconclusive", "wait"],
    ["result[0] > 5", "", 1, "Error", "wait"],
    ["result > 0", "result.x > 5", 1, "Error", "wait"],
    ["", "result > 0.9", Number.NaN, "Successful", "wait"],
    ["result != 0", "", Number.NaN, "Successful", "wait"],
    ["result > 0", "", Number.POSITIVE_INFINITY, "Successful", "wait"],
  ])("%s / %s of %j is %s to Argo, %s here", (...row) => {
    const [success, failure, value, phase, verdict] = row;
    const asked = conditions(success, failure);
    expect(measured(asked, numberResult(value)).phase).toBe(phase);
    expect(verdictOf(asked, numberResult(value)).verdict).toBe(verdict);
  });

  it("never passes on what is no evidence", () => {
    const odd = fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY);
    const answers = fc.oneof(
      fc.constant(undefined),
      odd.map(numberResult),
      fc.constantFrom(numbersResult([]), jsonResult([]), jsonResult({}), jsonResult(null), jsonResult([1, null])),
      fc.tuple(fc.array(fc.double()), odd, fc.array(fc.double())).map(([a, b, c]) => numbersResult([...a, b, ...c])),
    );
    const asked = fc.constantFrom(
      "true",
      "len(result) == 0",
      "isNil(result)",
      "result == nil",
      "all(result, # > 0)",
      "result != 0",
    );
    fc.assert(
      fc.property(answers, asked, asked, (answer, success, failure) => {
        expect(evidenceIn(answer)).not.toBe("data");
        for (const both of [conditions(success), conditions("", failure), conditions(success, failure)])
          expect(verdictOf(both, answer).verdict).toBe("wait");
      }),
    );
  });
});

describe("an answer as people write it", () => {
  it.each([
    ["1.5", "json", "result == 1.5"],
    ["NaN", "json", "isNaN(result)"],
    ["-Inf", "float64", "isInf(result)"],
    ['[1, {"$float": "NaN"}]', "[]float64", "isNaN(result[1])"],
    ["[1, 2]", "[]int", "result[0] % 2 == 1"],
    ['{"a": "ä"}', "json", 'result.a == "ä"'],
    ["null", "json", "result == nil"],
  ])("%s as %s", (text, type, condition) => {
    const answer = answerOf(text, type);
    expect(answer.kind === "ok" && measured(conditions(condition), answer.value).phase).toBe("Successful");
  });

  it.each([
    ["{", "json", "{ is no JSON."],
    ["1", "float32", /^There is no type float32 here/],
    ['"a"', "float64", "this is no float64"],
    ["1.5", "int", "this is no int"],
  ])("%s as %s is none", (text, type, message) => {
    expect(answerOf(text, type)).toEqual({ kind: "err", error: expect.stringMatching(message) as string });
  });
});
