import { describe, expect, it } from "vitest";
import {
  isWithin,
  queryOf,
  rangeVerdict,
  readMetricTemplates,
  refusedQuery,
} from "../../../src/analysis/template/flagger.ts";

function template(query: string, provider = "type: prometheus\n    address: http://prometheus:9090"): string {
  return `apiVersion: flagger.app/v1beta1\nkind: MetricTemplate\nmetadata: {name: errors, namespace: shop}\nspec:\n  provider:\n    ${provider}\n  query: ${query}`;
}

function read(text: string) {
  return readMetricTemplates({ path: "m.yaml", text });
}

describe("a MetricTemplate", () => {
  it("is read, and its words are filled in", () => {
    const found = read(
      template('\'sum(rate(http{ns="{{ namespace }}",app="{{target}}"}[{{ interval }}])) + {{ variables.base }}\''),
    );
    if (found.kind === "err" || found.value[0] === undefined) throw new Error("It is read.");
    const [one] = found.value;
    expect(one).toMatchObject({ name: "errors", namespace: "shop", provider: { type: "prometheus" } });
    const words = new Map(Object.entries({ namespace: "shop", target: "cart", interval: "1m", "variables.base": "2" }));
    expect(queryOf(one, words)).toEqual({ kind: "ok", value: 'sum(rate(http{ns="shop",app="cart"}[1m])) + 2' });
    expect(refusedQuery(one)).toBeUndefined();
  });

  it.each([
    ["'{{ if target }}x{{ end }}'", "only single words are supported"],
    ["'{{ nothing }}'", "stands for nothing"],
  ])("with the query %s is refused", (query, message) => {
    const found = read(template(query));
    const refusal = found.kind === "ok" && found.value[0] !== undefined ? refusedQuery(found.value[0]) : undefined;
    expect(refusal?.why).toContain(message);
  });

  it.each([
    ["type: influxdb", "there is none here"],
    ["type: prometheus\n    secretRef: {name: a}", "credentials come from the environment"],
    ["type: prom", "is prometheus, datadog, newrelic, cloudwatch"],
  ])("of %s is refused", (provider, message) => {
    const found = read(template("x", provider));
    expect(found.kind === "err" && found.error.why).toContain(message);
  });
});

it.each([
  [{ min: 99, max: undefined }, 99, true, "pass"],
  [{ min: 99, max: undefined }, 98.9, false, "fail"],
  [{ min: undefined, max: 500 }, 500, true, "pass"],
  [{ min: 1, max: 2 }, 3, false, "fail"],
  [{ min: undefined, max: undefined }, 3, true, "wait"],
  [{ min: 1, max: undefined }, Number.NaN, false, "wait"],
  [{ min: 1, max: undefined }, Number.POSITIVE_INFINITY, true, "wait"],
])("%j of %j: %s to Flagger, %s here", (range, value, isPass, verdict) => {
  expect(isWithin(range, value)).toBe(isPass);
  expect(rangeVerdict(range, value).verdict).toBe(verdict);
  expect(rangeVerdict(range, undefined).verdict).toBe("wait");
});
