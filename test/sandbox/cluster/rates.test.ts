import { expect, it } from "vitest";
import { evaluateGauge, evaluateRates, gaugeOf, ratesOf } from "../../../src/sandbox/cluster/rates.ts";
import { seriesStore } from "../../../src/sandbox/cluster/series-store.ts";

const SECOND = 1000;

/** Ten good requests and one bad one a second, the good ones from a counter that begins anew after five seconds. */
function served() {
  const store = seriesStore(60 * SECOND);
  for (let second = 0; second <= 10; second += 1) {
    const good = second < 5 ? 10 * second : 10 * (second - 4);
    const exposed = [
      { labels: { __name__: "requests", code: "200" }, value: good },
      { labels: { __name__: "requests", code: "500" }, value: second },
    ];
    store.scrape(second * SECOND, exposed);
  }
  return store;
}

it.each([
  ['sum(rate(requests{code="200"}[10s]))', "10"],
  ['sum(rate(requests{code!~"5.*"}[10s])) / sum(rate(requests[10s]))', String(10 / 11)],
  ['sum(rate(requests{code=~"4.*"}[10s])) / sum(rate(requests[10s]))', undefined],
])("%s is %s", (query, value) => {
  const rates = ratesOf(query);
  const answer = rates && evaluateRates(served(), rates, 10 * SECOND);
  expect(answer?.resultType === "vector" ? answer.result.map((one) => one.value[1]) : undefined).toEqual(
    value === undefined ? [] : [value],
  );
});

it("leaves every other query alone, and refuses a rate without a range", () => {
  expect(ratesOf("max(rate(requests[10s]))")).toBeUndefined();
  expect(() => ratesOf("sum(rate(requests))")).toThrow("range vector");
});

it("evaluates a rate as a gauge at each step that has one above 0", () => {
  const of = (query: string) => {
    const rates = gaugeOf(query);
    const steps = { start: 0, end: 10 * SECOND, stepMs: 5 * SECOND };
    const answer = rates && evaluateGauge(served(), rates, steps);
    return answer?.resultType === "matrix" ? answer.result.map(({ values }) => values) : undefined;
  };
  expect(of('(sum(rate(requests{code="500"}[3s]))\n) > 0 < Inf')).toEqual([
    [
      [5, "1"],
      [10, "1"],
    ],
  ]);
  expect(of('(sum(rate(requests{code="404"}[3s]))\n) > 0 < Inf')).toEqual([]);
  expect(of('sum(rate(requests{code="500"}[3s]))')).toBeUndefined();
});
