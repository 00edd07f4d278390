import { describe, expect, it } from "vitest";
import { errorTypeOf, matrixOf } from "../../../src/adapters/metrics/matrix.ts";

const success = (result: unknown, more: object = {}) =>
  JSON.stringify({ status: "success", data: { resultType: "matrix", result }, ...more });

const one = (values: unknown, metric: unknown = {}) => success([{ metric, values }]);

describe("matrixOf", () => {
  it("reads the documented shape", () => {
    const body = one(
      [
        [1435781430.781, "1"],
        [1435781445.781, "2.5e3"],
      ],
      { __name__: "up", job: "node" },
    );
    expect(matrixOf(body)).toEqual({
      kind: "read",
      value: {
        series: [
          {
            labels: new Map([
              ["__name__", "up"],
              ["job", "node"],
            ]),
            samples: [
              { at: 1_435_781_430_781, value: 1 },
              { at: 1_435_781_445_781, value: 2_500 },
            ],
          },
        ],
        flawed: [],
      },
    });
  });

  it("reads an empty answer as no series", () => {
    expect(matrixOf(success([]))).toEqual({ kind: "read", value: { series: [], flawed: [] } });
  });

  it("takes hints that concern nobody's data", () => {
    const body = success([], { infos: ["metric might not be a counter"], warnings: [] });
    expect(matrixOf(body).kind).toBe("read");
  });

  it.each([
    ["nothing", ""],
    ["a page", "<html></html>"],
    ["half an answer", '{"status":"success","data":{"resultType":"matrix","result":['],
    ["a list", "[]"],
    ["null", "null"],
    ["an error that says 200", JSON.stringify({ status: "error", errorType: "timeout", error: "query timed out" })],
    ["no data", JSON.stringify({ status: "success" })],
    ["a vector", JSON.stringify({ status: "success", data: { resultType: "vector", result: [] } })],
    ["a result that is no list", success({})],
    ["a series without labels", success([{ values: [] }])],
    ["labels that are no texts", one([], { a: 1 })],
  ])("is unavailable on %s", (_, body) => {
    expect(matrixOf(body)).toEqual({
      kind: "unavailable",
      reason: "Prometheus answered in a form that is not its documented one.",
    });
  });

  const job = new Map([["job", "node"]]);
  const flawedOf = (values: object) => matrixOf(success([{ metric: { job: "node" }, ...values }]));

  it.each<readonly [string, object]>([
    ["nothing", { histograms: [] }],
    ["a native histogram without a count", { histograms: [[1, { sum: "1" }]] }],
    [
      "a native histogram with a bucket of three",
      { histograms: [[1, { count: "1", sum: "1", buckets: [[0, "1", "2"]] }]] },
    ],
    ["a native histogram and samples of another shape", { histograms: [[1, { count: "0", sum: "0" }]], values: [[1]] }],
    [
      "native histograms whose times go back",
      {
        histograms: [
          [2, { count: "0", sum: "0" }],
          [1, { count: "0", sum: "0" }],
        ],
      },
    ],
    ["a sample without value", { values: [[1]] }],
    ["a sample with too much", { values: [[1, "1", "1"]] }],
    ["a value that is a number", { values: [[1, 1]] }],
    [
      "times that go back",
      {
        values: [
          [2, "1"],
          [1, "1"],
        ],
      },
    ],
    [
      "a time twice",
      {
        values: [
          [1, "1"],
          [1, "2"],
        ],
      },
    ],
  ])("tells the series with %s from the others", (_, values) => {
    const reason = "Prometheus answered in a form that is not its documented one.";
    expect(flawedOf(values)).toEqual({
      kind: "read",
      value: { series: [], flawed: [{ labels: job, until: Infinity, reason }] },
    });
  });

  it.each(["NaN", "+Inf", "-Inf", "Infinity", "", "one"])("takes what comes after the value %j", (value) => {
    const reason = "Prometheus answered with a sample that is not a number.";
    const values = [
      [1, "1"],
      [2, value],
      [3, "3"],
    ];
    expect(flawedOf({ values })).toEqual({
      kind: "read",
      value: {
        series: [{ labels: job, samples: [{ at: 3_000, value: 3 }] }],
        flawed: [{ labels: job, until: 2_000, reason }],
      },
    });
  });

  it("reads native histograms beside numbers, or alone", () => {
    const told = { count: "3", sum: "1.5", buckets: [[0, "0.25", "0.5", "3"]] };
    const native = [{ at: 1_500, buckets: [{ lower: 0.25, upper: 0.5, count: 3 }] }];
    const read = (item: object) => {
      const reading = flawedOf(item);
      return reading.kind === "read" ? reading.value : expect.fail("It is readable.");
    };
    expect(read({ histograms: [[1.5, told]] })).toEqual({ series: [{ labels: job, samples: [], native }], flawed: [] });
    expect(read({ values: [[1, "7"]], histograms: [[1.5, told]] }).series).toEqual([
      { labels: job, samples: [{ at: 1_000, value: 7 }], native },
    ]);
  });

  it("is unavailable on a partial answer", () => {
    expect(matrixOf(success([], { warnings: ["store down"] }))).toEqual({
      kind: "unavailable",
      reason: "Prometheus answered with warnings: the data may be partial.",
    });
  });

  it("keeps a label called like a prototype a label", () => {
    const body =
      '{"status":"success","data":{"resultType":"matrix","result":[{"metric":{"__proto__":"x"},"values":[[1,"1"]]}]}}';
    const reading = matrixOf(body);
    expect(reading.kind === "read" && reading.value.series[0]?.labels).toEqual(new Map([["__proto__", "x"]]));
  });
});

describe("errorTypeOf", () => {
  it.each([
    ["the documented word", JSON.stringify({ status: "error", errorType: "bad_data", error: "…" }), "bad_data"],
    ["a page", "<html>", undefined],
    ["a sentence", JSON.stringify({ errorType: "see https://example.com" }), undefined],
    ["a number", JSON.stringify({ errorType: 5 }), undefined],
  ])("%s", (_, body, expected) => {
    expect(errorTypeOf(body)).toBe(expected);
  });
});
