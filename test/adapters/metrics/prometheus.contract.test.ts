import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestsIn, slowerThan } from "../../../src/core/gate/histogram.ts";
import type { Window } from "../../../src/core/window.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import { servePrometheus } from "../../../src/sandbox/cluster/provider.ts";
import type { SeriesStore } from "../../../src/sandbox/cluster/series-store.ts";
import { isPrometheusInstalled, realPrometheus } from "../../../src/sandbox/real-prometheus.ts";
import { BIRTH, livedCluster, metricsAt, question, SECOND, timelineOf } from "./world.ts";

type Provider = { readonly url: string; readonly close: () => Promise<void> };

const END = BIRTH + 180 * SECOND;

const PROVIDERS: readonly (readonly [string, boolean, (series: SeriesStore) => Promise<Provider>])[] = [
  ["the synthetic cluster", true, (series) => servePrometheus(series, () => END)],
  // Where everything must be checked, a missing binary is a failure, not a gap.
  [
    "a real Prometheus (needs prometheus and promtool)",
    isPrometheusInstalled() || process.env["CI"] !== undefined,
    realPrometheus,
  ],
];

describe.each(PROVIDERS)("the adapter against %s", (_, canRun, serve) => {
  describe.skipIf(!canRun)("on three minutes of a release", () => {
    let series: SeriesStore;
    let provider: Provider;

    beforeAll(async () => {
      ({ series } = await livedCluster());
      provider = await serve(series);
    }, 150_000);

    afterAll(() => provider.close());

    const windows = async (changes: Parameters<typeof question>[0] = {}): Promise<readonly Window[]> => {
      const reading = await timelineOf(metricsAt(provider.url), question(changes));
      if (reading.kind === "unavailable") throw new Error(reading.reason);
      return reading.value;
    };

    it("counts exactly what the pods answered", async () => {
      const all = await windows({ to: END });
      // The first samples of an arm are its base; from then on nothing is lost.
      for (const arm of ["canary", "stable"] as const) {
        const total = all.reduce((sum, { counts }) => sum + (counts[arm]?.requests ?? 0), 0);
        const failed = all.reduce((sum, { counts }) => sum + (counts[arm]?.failed ?? 0), 0);
        expect({ total, failed }).toEqual(answered(series, question().arms[arm]));
      }
    });

    it("tells how long the same requests took, and of new pods from their first on", async () => {
      const all = await windows({ to: END, latency: "asked" });
      const told = all.flatMap(({ end, counts, latency }) =>
        latency?.kind === "read" && latency.canary && latency.stable
          ? [{ end, counts, canary: requestsIn(latency.canary), stable: requestsIn(latency.stable), latency }]
          : [],
      );
      expect(told.length).toBeGreaterThan(5);
      const steady = told.filter(({ end }) => end > BIRTH + 70 * SECOND && end <= BIRTH + 120 * SECOND);
      for (const { counts, canary, stable } of steady)
        expect([canary, stable]).toEqual([counts.canary?.requests, counts.stable?.requests]);
      // What pods answered between the last scrape of theirs and their end is lost to a window that looks at its ends alone.
      for (const { counts, stable } of told) expect(stable).toBeLessThanOrEqual(counts.stable?.requests ?? 0);
      const last = told.at(-1)?.latency.stable ?? expect.fail("The last window has a histogram.");
      expect(slowerThan(last, 100)).toBeGreaterThan(0);
      expect(slowerThan(last, 100)).toBeLessThan(requestsIn(last) / 4);
    });

    // The synthetic one evaluates what Tidegate asks for itself, not what people write.
    it.each(serve === realPrometheus ? ["gauges"] : [])(
      "reads %s beside all else, and those that it refuses keep nothing back",
      async () => {
        const PODS = 'count(kube_pod_status_ready{namespace="{namespace}",condition="true",pod=~"{pods}"})';
        const counts = await windows({ to: END });
        const gauges = [
          { name: "pods", query: `${PODS} # all of them` },
          { name: "none", query: `${PODS} * 0 / 0` },
          { name: "endless", query: `${PODS} / 0` },
          { name: "many", query: 'kube_pod_status_ready{namespace="{namespace}",pod=~"{workload}-.*"}' },
          { name: "broken", query: "avg({workload}" },
        ];
        const all = await windows({ to: END, gauges });
        expect(all.map(({ gauges: _, ...rest }) => rest)).toEqual(counts);
        const told = all.map(({ gauges: found = {} }) => found);
        expect(told.map(({ pods }) => pods)).toContainEqual({ kind: "read", canary: 2, stable: 4 });
        expect(told[0]?.["pods"]).toEqual({ kind: "read", stable: 4 });
        for (const { many, broken, none, endless } of told) {
          expect(many?.kind === "unread" && many.reason).toContain("where one mean is meant");
          expect(broken).toEqual({ kind: "unread", reason: "Prometheus answered 400 (bad_data)." });
          expect([none, endless]).toEqual([{ kind: "read" }, { kind: "read" }]);
        }
      },
    );

    it("counts the same by workloads as by Services where each has its own", async () => {
      const byService = await windows({ to: END });
      expect(await windows({ to: END, arms: { ...question().arms, by: "workload" } })).toEqual(byService);
    });

    it("gives a canary that was never asked zeros, before and after it has pods", async () => {
      const before = await windows({ from: BIRTH + 10 * SECOND, to: BIRTH + 60 * SECOND });
      expect(before.map(({ counts }) => counts.canary)).toEqual(before.map(() => ({ requests: 0, failed: 0 })));
      expect(before.every(({ counts }) => (counts.stable?.requests ?? 0) > 500)).toBe(true);
    });

    it("sees the canary's pods come up", async () => {
      const all = await windows({ from: BIRTH + 10 * SECOND, to: BIRTH + 60 * SECOND });
      const ready = [{ image: "r/checkout:2", ready: 2, total: 2 }];
      expect(all.map(({ pods }) => pods.canary)).toEqual([[], [], ready, ready, ready]);
      expect(all.at(-1)?.pods.stable).toEqual([{ image: "r/checkout:1", ready: 4, total: 4 }]);
    });

    it("sees the share that the route gives", async () => {
      const all = await windows({ from: BIRTH + 70 * SECOND });
      const canary = all.reduce((sum, { counts }) => sum + (counts.canary?.requests ?? 0), 0);
      const stable = all.reduce((sum, { counts }) => sum + (counts.stable?.requests ?? 0), 0);
      expect(canary / (canary + stable)).toBeCloseTo(0.25, 1);
    });

    it("says the same of a window wherever the question begins, and for every length", async () => {
      const all = await windows();
      expect(await windows({ from: BIRTH + 80 * SECOND })).toEqual(all.slice(8));
      const longer = await windows({ windowMs: 20 * SECOND });
      const sums = longer.map(({ counts }) => counts.stable?.requests);
      const pairs = longer.map(
        (__, index) =>
          (all[2 * index]?.counts.stable?.requests ?? 0) + (all[2 * index + 1]?.counts.stable?.requests ?? 0),
      );
      expect(sums).toEqual(pairs);
    });

    it("knows nothing of a time or a service without samples", async () => {
      const empty = { counts: {}, pods: {} };
      const early = await windows({ from: BIRTH - 1_000 * SECOND, to: BIRTH - 990 * SECOND });
      expect(early).toEqual([{ start: BIRTH - 1_000 * SECOND, end: BIRTH - 990 * SECOND, ...empty }]);
    });

    it("asks for nothing when there is no window", async () => {
      expect(await windows({ to: BIRTH })).toEqual([]);
    });

    it("is unavailable when the provider refuses the query", async () => {
      const requests = { ...DEFAULT_PROMETHEUS.requests, failed: { label: "response_code", matches: "(" } };
      const reading = await timelineOf(metricsAt(provider.url, { requests }), question());
      expect(reading).toEqual({ kind: "unavailable", reason: "Prometheus answered 400 (bad_data)." });
    });

    it.each([
      ['istio_requests_total{response_code=~"5.."}[20s]'],
      ['istio_requests_total{response_code!~"2..",pod=~"checkout-[a-z0-9]+-[a-z0-9]{5}"}[1m30s]'],
      ['{__name__=~"kube_deployment_.*",deployment!="checkout"}[5s]'],
      ['kube_pod_status_ready{condition="true",namespace="shop"}'],
      ["up"],
      ['up{job!~"istio|"}'],
      ['up{nothing=""}'],
    ])("evaluates %s as everybody does", async (query) => {
      const at = BIRTH + 115.5 * SECOND;
      const real = await answerOf(provider.url, query, at);
      const synthetic = await servePrometheus(series, () => END);
      const ours = await answerOf(synthetic.url, query, at);
      await synthetic.close();
      expect(ours).toEqual(real);
    });

    it.each([
      ["sum("],
      ["up{"],
      ['up{job="a}'],
      ["{}"],
      ['{job=""}'],
      ["up[0s]"],
      ["up[5]"],
      ['up{job=~"("}'],
      ['up{job="\\y"}'],
      ["up[5s"],
      ['up{a-b="c"}'],
    ])("refuses %s", async (query) => {
      const response = await fetch(`${provider.url}/api/v1/query?query=${encodeURIComponent(query)}`);
      expect(response.status).toBe(400);
      expect(await response.json()).toMatchObject({ status: "error", errorType: "bad_data" });
    });
  });
});

async function answerOf(url: string, query: string, at: number): Promise<unknown> {
  const response = await fetch(`${url}/api/v1/query`, {
    method: "POST",
    body: new URLSearchParams({ query, time: String(at / SECOND) }),
  });
  const answer = await response.json();
  const isVector = typeof answer === "object" && answer !== null && "data" in answer;
  if (!isVector) return answer;
  // The order of series means nothing.
  return sorted(answer.data);
}

function sorted(data: unknown): unknown {
  if (typeof data !== "object" || data === null || !("result" in data) || !Array.isArray(data.result)) return data;
  return { ...data, result: data.result.map((one) => JSON.stringify(sortedKeys(one))).toSorted() };
}

function sortedKeys(one: unknown): unknown {
  if (
    typeof one !== "object" ||
    one === null ||
    !("metric" in one) ||
    typeof one.metric !== "object" ||
    one.metric === null
  )
    return one;
  return { ...one, metric: Object.fromEntries(Object.entries(one.metric).toSorted(([a], [b]) => (a < b ? -1 : 1))) };
}

/** What the pods of a Service answered, less what their first scrape already showed. */
function answered(series: SeriesStore, service: string): { readonly total: number; readonly failed: number } {
  const of = [...series.series("istio_requests_total")].filter(
    ({ labels }) => labels.get("destination_service_name") === service,
  );
  const first = Math.min(...of.map(({ times }) => times[0] ?? Infinity));
  const counted = (code: RegExp) =>
    of
      .filter(({ labels }) => code.test(labels.get("response_code") ?? ""))
      .map(({ times, values }) => {
        const last = values.findLast((value) => value !== undefined) ?? 0;
        const isBase = (times[0] ?? Infinity) <= first + SECOND;
        return isBase ? last - (values[0] ?? 0) : last;
      })
      .reduce((sum, one) => sum + one, 0);
  return { total: counted(/./), failed: counted(/^5..$/) };
}
