import { expect, it } from "vitest";
import { attemptOn, type Criterion } from "../../src/analysis/criterion.ts";
import { readCondition } from "../../src/analysis/expr/condition.ts";
import { answerOf } from "../../src/analysis/result.ts";

function conditions(success?: string, failure?: string): Criterion {
  const read = (text: string | undefined) => {
    const found = text === undefined ? undefined : readCondition(text);
    if (found?.kind === "err") throw new Error(found.error.message);
    return found?.value;
  };
  return { kind: "conditions", conditions: { success: read(success), failure: read(failure) } };
}

const RANGE: Criterion = { kind: "range", range: { min: undefined, max: 1 } };

it.each<[string, Criterion, string, string, string, string]>([
  ["holds", conditions("result[0] >= 0.95"), "[0.99]", "[]float64", "Successful", "[0.99]"],
  ["does not hold", conditions("result[0] >= 0.95"), "[0.5]", "[]float64", "Failed", "[0.5]"],
  ["is neither", conditions("result > 1", "result < 0"), "0.5", "float64", "Inconclusive", "0.5"],
  ["cannot be evaluated", conditions("result > 1"), "[2]", "[]float64", "Error", "[2]"],
  ["has no data, which Argo passes", conditions("all(result, # > 0.95)"), "[]", "[]float64", "Blank", "[]"],
  ["has no data, which Argo calls an error", conditions("result[0] > 1"), "[]", "[]float64", "Blank", "[]"],
  ["is NaN, which Argo passes", conditions(undefined, "result > 0.9"), "NaN", "float64", "Blank", "NaN"],
  ["is infinite", conditions("result > 1"), "+Inf", "float64", "Blank", "Infinity"],
  ["is asked for nothing", conditions(), "1", "float64", "Blank", "1"],
  ["is within the range", RANGE, "[1]", "[]float64", "Successful", "[1]"],
  ["is outside", RANGE, "1.5", "float64", "Failed", "1.5"],
  ["is no number", RANGE, "null", "*float64", "Blank", "nothing"],
  ["are several", RANGE, "[0.1, 0.2]", "[]float64", "Blank", "[0.1, 0.2]"],
])("an answer that %s", (...[, criterion, json, type, outcome, value]) => {
  const answer = answerOf(json, type);
  if (answer.kind === "err") throw new Error(answer.error);
  expect(attemptOn(criterion, answer.value, 7)).toMatchObject({ at: 7, outcome, value });
});
