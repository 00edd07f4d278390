import { describe, expect, it } from "vitest";
import { evaluateAt, evaluateOver } from "../../../src/sandbox/cluster/evaluate.ts";
import { QueryError, durationOf, selectorOf } from "../../../src/sandbox/cluster/selector.ts";
import { seriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import type { Exposed, SeriesStore } from "../../../src/sandbox/cluster/series-store.ts";

const up = (pod: string, value: number): Exposed => ({ labels: { __name__: "up", pod }, value });

/** Two pods from time 1 s on; "b" is gone at 3 s, "a" is scraped until 4 s. */
function store(): SeriesStore {
  const series = seriesStore(3_600_000);
  series.scrape(1_000, [up("a", 1), up("b", 10)]);
  series.scrape(2_000, [up("a", 2), up("b", 20)]);
  series.scrape(3_000, [up("a", 3)]);
  series.scrape(4_000, [up("a", 4)]);
  return series;
}

const at = (query: string, ms: number) => evaluateAt(store(), selectorOf(query), ms).result;

const podA = { __name__: "up", pod: "a" };
const podB = { __name__: "up", pod: "b" };

describe("instant queries", () => {
  it.each<[string, number, readonly object[]]>([
    ["before the first scrape", 999, []],
    [
      "at a scrape",
      1_000,
      [
        { metric: podA, value: [1, "1"] },
        { metric: podB, value: [1, "10"] },
      ],
    ],
    [
      "between scrapes",
      2_500,
      [
        { metric: podA, value: [2.5, "2"] },
        { metric: podB, value: [2.5, "20"] },
      ],
    ],
    ["at once without a series that ended", 3_000, [{ metric: podA, value: [3, "3"] }]],
    ["until five minutes after the last sample", 303_999, [{ metric: podA, value: [303.999, "4"] }]],
    ["and no longer", 304_000, []],
  ])("see the last sample: %s", (_, ms, expected) => {
    expect(at("up", ms)).toEqual(expected);
  });
});

describe("range selectors", () => {
  it.each<[string, number, readonly string[]]>([
    ['up{pod="a"}[2s]', 4_000, ["3", "4"]],
    ['up{pod="a"}[2s]', 3_999, ["2", "3"]],
    ['up{pod="b"}[1m]', 4_000, ["10", "20"]],
    ['up{pod="b"}[1s]', 4_000, []],
  ])("%s at %d: samples after its left end, up to its right", (query, ms, values) => {
    const [series] = at(query, ms);
    expect(series !== undefined && "values" in series ? series.values.map(([, value]) => value) : []).toEqual(values);
  });
});

describe("range queries", () => {
  it("evaluate at each step", () => {
    const answer = evaluateOver(store(), [selectorOf("up")], { start: 1_500, end: 4_000, stepMs: 1_000 });
    expect(answer).toEqual({
      resultType: "matrix",
      result: [
        {
          metric: podA,
          values: [
            [1.5, "1"],
            [2.5, "2"],
            [3.5, "3"],
          ],
        },
        {
          metric: podB,
          values: [
            [1.5, "10"],
            [2.5, "20"],
          ],
        },
      ],
    });
  });

  it.each<[string, string, number]>([
    ["a range selector", "up[5s]", 1_000],
    ["no step", "up", 0],
    ["too many steps", "up", 0.1],
  ])("refuse %s", (_, query, stepMs) => {
    expect(() => evaluateOver(store(), [selectorOf(query)], { start: 0, end: 4_000, stepMs })).toThrow(QueryError);
  });
});

describe("retention", () => {
  it("drops samples in blocks and series altogether", () => {
    const series = seriesStore(1_000_000);
    series.scrape(0, [up("gone", 1)]);
    for (let second = 1; second <= 3_000; second += 1) series.scrape(second * 1_000, [up("a", second)]);
    const kept = [...series.series("up")];
    expect(kept.map(({ labels }) => labels.get("pod"))).toEqual(["a"]);
    expect(kept[0]?.times.length).toBeLessThanOrEqual(1_000 + 257);
    expect(kept[0]?.times[0]).toBeLessThanOrEqual(2_000_000);
    expect(kept[0]?.times.at(-1)).toBe(3_000_000);
  });

  it("starts a series anew that comes back", () => {
    const series = store();
    series.scrape(5_000, [up("b", 1)]);
    expect(evaluateAt(series, selectorOf("up"), 5_000).result).toEqual([{ metric: podB, value: [5, "1"] }]);
  });
});

describe("durationOf", () => {
  it.each([
    ["500ms", 500],
    ["30s", 30_000],
    ["1m30s", 90_000],
    ["1h", 3_600_000],
    ["1d", 86_400_000],
  ])("%s is %d", (text, ms) => {
    expect(durationOf(text)).toBe(ms);
  });

  it.each(["", "5", "s", "1x", "-1s", "0s"])("refuses %j", (text) => {
    expect(() => durationOf(text)).toThrow(QueryError);
  });
});

describe("a series", () => {
  const now = (series: SeriesStore, ms: number) => evaluateAt(series, selectorOf("up"), ms).result;

  it("that was forgotten and comes back is told again", () => {
    const series = seriesStore(1_000);
    series.scrape(1_000, [up("a", 1)]);
    series.scrape(2_000, []);
    series.scrape(4_000, []);
    expect([...series.series("up")]).toEqual([]);
    series.scrape(5_000, [up("a", 2)]);
    expect(now(series, 5_000)).toEqual([{ metric: podA, value: [5, "2"] }]);
  });

  it("is the same in whatever order its labels are written", () => {
    const series = seriesStore(3_600_000);
    series.scrape(1_000, [{ labels: { pod: "a", __name__: "up" }, value: 1 }]);
    series.scrape(2_000, [up("a", 2)]);
    expect(now(series, 2_000)).toEqual([{ metric: podA, value: [2, "2"] }]);
  });
});
