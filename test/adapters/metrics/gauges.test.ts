import { describe, expect, it } from "vitest";
import type { Fetch } from "../../../src/adapters/http/guarded-fetch.ts";
import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import { name } from "../../../src/core/names.ts";
import type { Window } from "../../../src/core/window.ts";
import { DEFAULT_PROMETHEUS, type TimelineQuestion } from "../../../src/ports/metrics.ts";
import { BIRTH, question } from "./world.ts";

const SAFE = "[bcdfghjklmnpqrstvwxz2456789]";
const CPU = { name: "cpu", query: 'avg(cpu{namespace="{namespace}",pod=~"{pods}"})' };
const ASKED = question({ to: BIRTH + 40_000, gauges: [CPU] });

type Values = readonly (readonly [second: number, value: string])[];

const matrix = (...series: readonly Values[]) =>
  JSON.stringify({
    status: "success",
    data: {
      resultType: "matrix",
      result: series.map((values, pod) => ({
        metric: { pod: String(pod) },
        values: values.map(([second, value]) => [BIRTH / 1000 + second, value]),
      })),
    },
  });

const REFUSED = new Response('{"status":"error","errorType":"bad_data"}', { status: 400 });

/** The windows of some questions, by a provider that answers what is asked of gauges so, and knows nothing else; and all that it was asked of them. */
async function windowsBy(
  answer: (query: string) => string | Response,
  questions: readonly TimelineQuestion[] = [ASKED],
): Promise<{ readonly windows: readonly (readonly Window[])[]; readonly asked: readonly URLSearchParams[] }> {
  const asked: URLSearchParams[] = [];
  const fetch: Fetch = (url, { body }) => {
    const form = new URLSearchParams(typeof body === "string" ? body : url.searchParams);
    const query = form.get("query") ?? "";
    if (!query.startsWith("(")) return Promise.resolve(new Response(matrix()));
    asked.push(form);
    const said = answer(query);
    return Promise.resolve(typeof said === "string" ? new Response(said) : said.clone());
  };
  const metrics = prometheusMetrics({ ...DEFAULT_PROMETHEUS, url: "https://metrics.example.com" }, { fetch });
  const readings = await metrics.timelines(questions);
  return { windows: readings.map((one) => (one.kind === "read" ? one.value : expect.fail(one.reason))), asked };
}

async function cpuBy(answer: (query: string) => string | Response, asked: TimelineQuestion = ASKED) {
  const { windows } = await windowsBy(answer, [asked]);
  return (windows[0] ?? []).map(({ gauges }) => gauges?.["cpu"]);
}

const isCanary = (query: string) => query.includes("checkout-canary");

describe("what is asked of gauges", () => {
  it("is each arm's own query, at the ends of the windows, of values above 0 alone", async () => {
    const { asked } = await windowsBy(() => matrix());
    const times = { start: "1767225610.000", end: "1767225640.000", step: "10.000" };
    expect(asked.map((form) => Object.fromEntries(form))).toEqual(
      ["checkout-canary", "checkout"].map((workload) => ({
        query: `(avg(cpu{namespace="shop",pod=~"${workload}(?:-[0-9]{5}-deployment)?-${SAFE}{1,10}-${SAFE}{5}"})\n) > 0 < Inf`,
        ...times,
      })),
    );
  });

  it("is nothing where no gauge is", async () => {
    const { windows, asked } = await windowsBy(() => matrix(), [question({ to: BIRTH + 10_000 })]);
    expect([asked, windows[0]?.[0]?.gauges]).toEqual([[], undefined]);
  });

  it("is no more, for a time, of a provider that does not answer", async () => {
    const gauges = Array.from({ length: 5 }, (_, index) => ({ ...CPU, name: `cpu${index}` }));
    const { windows, asked } = await windowsBy(() => new Response(null, { status: 503 }), [{ ...ASKED, gauges }]);
    expect(asked).toHaveLength(4);
    const [first, second, ...others] = Object.values(windows[0]?.[0]?.gauges ?? {});
    expect([first, second]).toEqual([1, 2].map(() => ({ kind: "unread", reason: "Prometheus answered 503." })));
    const reason = "Prometheus was not asked: it has not answered what was asked before.";
    expect(others).toEqual([1, 2, 3].map(() => ({ kind: "unread", reason })));
  });
});

describe("what a gauge is in a window", () => {
  it("is the mean of each arm at its end", async () => {
    const all: Values = [
      [10, "0.5"],
      [20, "0.25"],
      [30, "1e-3"],
      [40, "4"],
    ];
    const found = await cpuBy((query) => matrix(isCanary(query) ? all : all.toSpliced(1, 1)));
    expect(found).toEqual([
      { kind: "read", canary: 0.5, stable: 0.5 },
      { kind: "read", canary: 0.25 },
      { kind: "read", canary: 0.001, stable: 0.001 },
      { kind: "read", canary: 4, stable: 4 },
    ]);
  });

  it("is missing, in all windows, where nothing is told", async () => {
    expect(await cpuBy(() => matrix())).toEqual(Array.from({ length: 4 }, () => ({ kind: "read" })));
  });

  it("is missing where it is not above 0, whatever a server makes of that", async () => {
    const found = await cpuBy(() => matrix([10, 20].map((second) => [second, second === 10 ? "0" : "-1"] as const)));
    expect(found.slice(0, 2)).toEqual([{ kind: "read" }, { kind: "read" }]);
  });

  it.each<[string, (query: string) => string | Response, string]>([
    ["a query that is refused", () => REFUSED, "Prometheus answered 400 (bad_data)."],
    [
      "a query that is refused of one arm",
      (query) => (isCanary(query) ? matrix() : REFUSED),
      "Prometheus answered 400 (bad_data).",
    ],
    [
      "several series",
      () => matrix([[10, "1"]], [[10, "2"]]),
      "The query gives 2 series of an arm, where one mean is meant.",
    ],
    [
      "a value that is no number",
      () => matrix([[10, "NaN"]]),
      "Prometheus answered with a sample that is not a number.",
    ],
    ["no JSON", () => "<html>", "Prometheus answered in a form that is not its documented one."],
    [
      "part of the data",
      () => matrix().replace('"status"', '"warnings":["partial"],"status"'),
      "Prometheus answered with warnings: the data may be partial.",
    ],
    [
      "a key that is not known",
      () => new Response(null, { status: 401 }),
      "Prometheus answered 401 (it does not know the key).",
    ],
    [
      "an answer without end",
      () => " ".repeat(DEFAULT_PROMETHEUS.maxBytes + 1),
      `Prometheus answered with more than ${DEFAULT_PROMETHEUS.maxBytes} bytes.`,
    ],
  ])("is unread for %s, and the windows are there all the same", async (_, answer, reason) => {
    expect(await cpuBy(answer)).toEqual(Array.from({ length: 4 }, () => ({ kind: "unread", reason })));
  });

  it("is unread of a Rollout's one workload, unless its Services tell the arms", async () => {
    const workloads = { canary: name("checkout"), stable: name("checkout") };
    const reason = "The query is the same for canary and stable: {arm} tells them.";
    const rollout = { ...ASKED, to: BIRTH + 10_000, workloads };
    expect(await cpuBy(() => matrix([[10, "1"]]), rollout)).toEqual([{ kind: "unread", reason }]);
    const byArm = { ...rollout, gauges: [{ ...CPU, query: 'avg(cpu{service="{arm}"})' }] };
    expect(await cpuBy(() => matrix([[10, "1"]]), byArm)).toEqual([{ kind: "read", canary: 1, stable: 1 }]);
  });

  it("is each member's own, whoever else is asked about", async () => {
    const other = { ...ASKED, namespace: name("other"), gauges: [CPU, { name: "bad", query: "{arm}(" }] };
    const { windows } = await windowsBy(
      (query) => (query.includes("(\n)") ? REFUSED : matrix([[10, query.includes("other") ? "2" : "1"]])),
      [other, ASKED],
    );
    expect(windows.map(([first]) => first?.gauges)).toEqual([
      {
        cpu: { kind: "read", canary: 2, stable: 2 },
        bad: { kind: "unread", reason: "Prometheus answered 400 (bad_data)." },
      },
      { cpu: { kind: "read", canary: 1, stable: 1 } },
    ]);
  });
});
