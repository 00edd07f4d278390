import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { prometheusMetrics } from "../../../src/adapters/metrics/prometheus.ts";
import type { Reading as Sample } from "../../../src/core/gate/seasonal.ts";
import { SEASONAL_BUILTINS, type SeasonalQuery } from "../../../src/core/season.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import { isPrometheusInstalled, realPrometheus } from "../../../src/sandbox/real-prometheus.ts";
import { BIRTH, livedCluster, question, SECOND } from "./world.ts";

const END = BIRTH + 180 * SECOND;
const EVERY = 30 * SECOND;

// Where everything must be checked, a missing binary is a failure, not a gap.
const canRun = isPrometheusInstalled() || process.env["CI"] !== undefined;

describe.skipIf(!canRun)("a real Prometheus, asked for a service as a whole (needs prometheus and promtool)", () => {
  let provider: { readonly url: string; readonly close: () => Promise<void> };

  beforeAll(async () => {
    const { series } = await livedCluster();
    provider = await realPrometheus(series);
  }, 150_000);

  afterAll(() => provider.close());

  const readAll = async (all: readonly SeasonalQuery[], matches = "5..") => {
    const requests = DEFAULT_PROMETHEUS.requests;
    const failed = { ...requests.failed, matches };
    const settings = { ...DEFAULT_PROMETHEUS, url: provider.url, requests: { ...requests, failed } };
    const { readings } = prometheusMetrics(settings, { fetch: (url, init) => fetch(url, init) });
    const { service, namespace, arms, workloads } = question();
    const of = { service, namespace, arms, workloads, from: BIRTH, to: END, everyMs: EVERY };
    return (await readings?.(all.map((asked) => ({ ...of, asked })))) ?? [];
  };
  const read = async (asked: SeasonalQuery, matches?: string): Promise<readonly Sample[]> => {
    const [found] = await readAll([asked], matches);
    return found?.kind === "read" ? found.value : expect.fail(found?.reason ?? "Nothing was asked.");
  };
  const values = async (...asked: Parameters<typeof read>) => (await read(...asked)).map(({ value }) => value);

  it("counts what both arms answered, whatever their share is", async () => {
    const requests = await read({ kind: "builtin", builtin: "requests" });
    expect(requests.map(({ at }) => at)).toEqual([1, 2, 3, 4, 5, 6].map((step) => BIRTH + step * EVERY));
    for (const { value } of requests.slice(1)) {
      expect(value).toBeGreaterThan(1_800);
      expect(value).toBeLessThan(3_000);
    }
  });

  it("counts what failed of it, and none where nothing did", async () => {
    for (const value of (await values({ kind: "builtin", builtin: "errors" })).slice(1)) {
      expect(value).toBeGreaterThan(60);
      expect(value).toBeLessThan(220);
    }
    expect(await values({ kind: "builtin", builtin: "errors" }, "7..")).toEqual([0, 0, 0, 0, 0, 0]);
  });

  it("tells how long the slowest took", async () => {
    const [, ...p99] = await values({ kind: "builtin", builtin: "latency-p99" });
    expect(p99).toHaveLength(5);
    for (const value of p99) expect(value).toBeGreaterThan(100);
  });

  it("says the same of each of many that are asked for together, of which one is no query", async () => {
    const three = SEASONAL_BUILTINS.map((builtin): SeasonalQuery => ({ kind: "builtin", builtin }));
    const bad: SeasonalQuery = { kind: "query", query: "sum(" };
    const several: SeasonalQuery = { kind: "query", query: "up or istio_requests_total" };
    const [first, second, wrong, many, third] = await readAll([...three.slice(0, 2), bad, several, ...three.slice(2)]);
    const alone = await Promise.all(three.map(async (one) => ({ kind: "read", value: await read(one) })));
    expect([first, second, third]).toEqual(alone);
    expect(wrong).toEqual({ kind: "unavailable", reason: "Prometheus answered 400 (bad_data)." });
    expect(many?.kind === "unavailable" ? many.reason : "").toContain(
      "series, where one of the service as a whole is meant",
    );
  });

  it("leaves out what is no reading: NaN, infinite, negative", async () => {
    const query = (expression: string) => values({ kind: "query", query: `${expression} # a comment at its end` });
    expect(await query("vector(0) / 0")).toEqual([]);
    expect(await query("vector(1) / 0")).toEqual([]);
    expect(await query("vector(-1)")).toEqual([]);
    expect(await query("vector(time() % 60 - 15)")).toEqual([15, 15, 15]);
  });
});
