import { describe, expect, it } from "vitest";
import { readCondition } from "../../../src/analysis/expr/condition.ts";
import { lint } from "../../../src/analysis/lint/lint.ts";
import { measured } from "../../../src/analysis/measure.ts";
import { numbersResult } from "../../../src/analysis/result.ts";
import { readTemplates } from "../../../src/analysis/template/template.ts";
import { refusalText } from "../../../src/yaml/refusal.ts";

const VECTOR = "prometheus: {address: 'http://p', query: 'sum(rate(a[1m]))'}";
const SCALAR = "prometheus: {address: 'http://p', query: 'scalar(sum(rate(a[1m])))'}";
const DATADOG = "datadog: {query: 'avg:a{*}'}";
/** Neither true nor false without data. */
function guarded(pass: string, fail: string): string {
  const guard = "len(result) > 0 && none(result, isNaN(#)) && ";
  return `successCondition: '${guard}${pass}'\n      failureCondition: '${guard}${fail}'`;
}

const RUNS = "interval: 1m\n      count: 10";

function linted(metric: string, { provider = VECTOR, rules = RUNS, spec = "", name = "m" } = {}) {
  const text = `apiVersion: argoproj.io/v1alpha1
kind: AnalysisTemplate
metadata: {name: one}
spec:
${spec}  metrics:
    - name: ${name}
      ${rules}
      ${metric === "" ? "" : `${metric}\n      `}provider: {${provider}}
`;
  const read = readTemplates({ path: "a.yaml", text });
  if (read.kind === "err") throw new Error(refusalText(read.error));
  const [template] = read.value;
  if (template === undefined) throw new Error("It is a template.");
  return lint(template, read.value);
}

function rulesOf(...args: Parameters<typeof linted>): readonly string[] {
  const { findings, refusals } = linted(...args);
  return [...findings.map(({ rule }) => rule), ...refusals.map(refusalText)];
}

describe("of conditions it is said", () => {
  it.each([
    [guarded("result[0] >= 0.9", "result[0] < 0.9"), []],
    ["successCondition: 'len(result) > 0 && result[0] >= 0.9'", ["fails-without-data", "fails-on-nan"]],
    ["successCondition: 'all(result, # > 0.5)'", ["passes-without-data", "fails-on-nan"]],
    ["successCondition: 'none(result, # > 0.5)'", ["passes-without-data", "passes-on-nan"]],
    ["successCondition: len(result) == 0 || result[0] >= 0.95", ["passes-without-data", "fails-on-nan"]],
    ["successCondition: mean(result) < 0.05", ["passes-without-data", "fails-on-nan"]],
    ["successCondition: result[0] >= 0.95", ["errors-without-data", "fails-on-nan"]],
    ["failureCondition: result[0] > 0.05", ["errors-without-data", "passes-on-nan"]],
    ["successCondition: '!(result[0] > 0.05)'", ["errors-without-data", "passes-on-nan"]],
    ["successCondition: result >= 0.95", ["scalar-for-vector"]],
    ["successCondition: not result[0] > 1", ["never-evaluates"]],
    ["successCondition: reslt[0] > 1", ["never-evaluates"]],
    ["", ["no-condition"]],
    ["successCondition: default(result, [1])[0] > 0", ["errors-without-data", "fails-on-nan", "nil-is-not-empty"]],
    ["sucessCondition: result[0] > 1", ["unknown-key", "no-condition"]],
    [
      "successCondition: now() > 1",
      [
        'a.yaml:9: found "now() > 1"; successCondition, character 1: now() is not supported: what it gives changes between looks, so a verdict could not be read again later.',
      ],
    ],
  ])("%s: %j", (condition, expected) => {
    expect(rulesOf(condition)).toEqual(expected);
  });

  it.each([
    ["successCondition: result >= 0.95", SCALAR, ["fails-on-nan"]],
    ["failureCondition: result > 0.9", SCALAR, ["passes-on-nan"]],
    ["successCondition: result[0] > 0", SCALAR, ["never-evaluates"]],
    ["successCondition: default(result, 0) < 0.05", DATADOG, ["passes-without-data"]],
    ["successCondition: default(result + 1, 1) < 0.05", DATADOG, ["errors-without-data", "ignored-argument"]],
    ["successCondition: result < 0.05", DATADOG, ["errors-without-data"]],
    ["successCondition: 'keys(result)[0] == \"a\"'", "web: {url: x}", ["errors-without-data", "random-order"]],
  ])("%s of %s: %j", (condition, provider, expected) => {
    expect(rulesOf(condition, { provider })).toEqual(expected);
  });

  it("that half of the requests may fail", () => {
    const condition = guarded("result[0] <= 0.95", "result[0] > 0.95");
    expect(rulesOf(condition, { name: "error-rate" })).toEqual(["passes-with-half-failing"]);
    expect(rulesOf(condition, { name: "success-rate" })).toEqual([]);
    expect(rulesOf(condition.replaceAll("0.95", "0.05"), { name: "error-rate" })).toEqual([]);
  });
});

describe("of counts it is said", () => {
  const SAFE = guarded("result[0] >= 0.9", "result[0] < 0.9");
  it.each([
    ["interval: 1m\n      count: 3\n      failureLimit: 3", ["cannot-fail"]],
    ["interval: 1m\n      failureLimit: -1\n      consecutiveSuccessLimit: 2", ["failures-do-not-count"]],
    ["count: 1", ["one-look", "window-longer-than-run"]],
    ["interval: 10s\n      count: 3", ["window-longer-than-run"]],
    ["interval: 10s\n      count: 3\n      initialDelay: 1m", []],
    ["interval: 1m", []],
  ])("%s: %j", (rules, expected) => {
    expect(rulesOf(SAFE, { rules })).toEqual(expected);
  });

  it("that all of it is a dry run", () => {
    expect(rulesOf(SAFE, { spec: "  dryRun: [{metricName: '.*'}]\n" })).toEqual(["only-dry-runs"]);
  });

  it("nothing where it depends on an argument that has no value yet", () => {
    const spec = "  args: [{name: every}, {name: times}, {name: least}]\n";
    const rules = 'interval: "{{args.every}}"\n      count: "{{args.times}}"';
    expect(rulesOf(SAFE.replace("0.9", "{{args.least}}"), { spec, rules })).toEqual([]);
    expect(rulesOf(SAFE.replace("0.9", "{{args.other}}"), { spec, rules })[0]).toContain("stands for nothing");
  });
});

describe("the safe form", () => {
  it.each([
    "successCondition: 'all(result, # > 0.5)'",
    "successCondition: len(result) == 0 || result[0] >= 0.95",
    "failureCondition: result[0] > 0.05",
    "successCondition: mean(result) < 0.05",
    "successCondition: result >= 0.95",
  ])(
    "of %s is on the line of the condition, is neither true nor false without data, and the same with data",
    (condition) => {
      const [finding] = linted(condition).findings;
      expect(finding?.line).toBe(9);
      const [success, failure] = ["successCondition", "failureCondition"].map((key) =>
        readCondition(finding?.safe?.[key] ?? "("),
      );
      if (success?.kind !== "ok" || failure?.kind !== "ok") throw new Error("Both are conditions.");
      const both = { success: success.value, failure: failure.value };
      for (const values of [[], [Number.NaN]]) expect(measured(both, numbersResult(values)).phase).toBe("Inconclusive");
      expect(new Set([0, 1].map((value) => measured(both, numbersResult([value])).phase))).toEqual(
        new Set(["Successful", "Failed"]),
      );
    },
  );
});
