import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { requestsIn, slowerThan, type Histogram } from "../../../src/core/gate/histogram.ts";
import type { Window } from "../../../src/core/window.ts";
import { DEFAULT_PROMETHEUS } from "../../../src/ports/metrics.ts";
import { isPrometheusInstalled, realPrometheus, type RealPrometheus } from "../../../src/sandbox/real-prometheus.ts";
import { writeTo, type NativeWritten, type Written } from "../../support/remote-write.ts";
import { BIRTH, metricsAt, question, SECOND, timelineOf } from "./world.ts";

const NATIVE = ["--web.enable-remote-write-receiver", "--enable-feature=native-histograms"];
const METRIC = "istio_request_duration_milliseconds";
const SCRAPES = Array.from({ length: 13 }, (_, index) => index * 5);

/** A pod's answers: one every `everyMs`, the nth of which took this long; from a second on, at a schema, and anew from another second on. */
type Pod = {
  readonly arm: "checkout" | "checkout-canary";
  readonly name: string;
  readonly everyMs: number;
  readonly took: (nth: number) => number;
  readonly from: number;
  readonly schemaAt: (second: number) => number;
  readonly anewAt?: number;
  /** Durations that are NaN, in each second. */
  readonly spoilt?: number;
};

const spread = (low: number, high: number) => (nth: number) => low * (high / low) ** (((nth * 377) % 610) / 610);

const PODS: readonly Pod[] = [
  {
    arm: "checkout",
    name: "a",
    everyMs: 20,
    took: spread(5, 90),
    from: 0,
    schemaAt: (second) => (second < 30 ? 3 : 1),
  },
  { arm: "checkout", name: "b", everyMs: 25, took: spread(7, 300), from: 0, schemaAt: () => 2, anewAt: 42 },
  { arm: "checkout-canary", name: "c", everyMs: 50, took: spread(6, 80), from: 0, schemaAt: () => 3, spoilt: 1 },
  { arm: "checkout-canary", name: "d", everyMs: 40, took: spread(0.0001, 70), from: 18, schemaAt: () => 4 },
];

/** What a pod has answered by a second, as it counts it itself. */
function answered({ everyMs, took, from, anewAt = Infinity }: Pod, second: number): readonly number[] {
  const since = second >= anewAt ? anewAt : from;
  const count = (at: number) => Math.max(0, Math.floor(((at - from) * 1000) / everyMs));
  return Array.from({ length: count(second) - count(since) }, (_, index) => took(count(since) + index));
}

const ZERO = 0.001;

function nativeOf(pod: Pod, second: number): NativeWritten {
  const schema = pod.schemaAt(second);
  const times = answered(pod, second);
  const indexOf = (time: number) => Math.ceil(Math.log2(time) * 2 ** schema);
  const indices = times.filter((time) => time > ZERO).map(indexOf);
  const [first, last] = [Math.min(...indices), Math.max(...indices)];
  const counts = indices.length === 0 ? [] : Array.from({ length: last - first + 1 }, () => 0);
  for (const index of indices) counts[index - first] = (counts[index - first] ?? 0) + 1;
  const zeroCount = times.length - indices.length;
  const beside = (pod.spoilt ?? 0) * second;
  return {
    at: BIRTH + second * SECOND,
    schema,
    zeroThreshold: ZERO,
    zeroCount,
    first: indices.length === 0 ? 0 : first,
    counts,
    beside,
  };
}

function labelsOf({ arm, name }: Pod, metric: string) {
  const [service, namespace] = ["destination_service_name", "destination_service_namespace"];
  return { __name__: metric, reporter: "destination", [service]: arm, [namespace]: "shop", pod: name };
}

function written(pod: Pod): readonly Written[] {
  const seconds = SCRAPES.filter((second) => second >= pod.from);
  const upTo = (le: number): Written => ({
    labels: { ...labelsOf(pod, `${METRIC}_bucket`), le: le === Infinity ? "+Inf" : String(le) },
    samples: seconds.map((second) => ({
      at: BIRTH + second * SECOND,
      value: answered(pod, second).filter((time) => time <= le).length,
    })),
  });
  return [
    { labels: labelsOf(pod, METRIC), histograms: seconds.map((second) => nativeOf(pod, second)) },
    ...[10, 50, 100, Infinity].map(upTo),
  ];
}

/** What an arm answered in a window, as far as both ends show it: what a pod answered before it began anew in it is lost. */
function truth(arm: Pod["arm"], from: number): readonly number[] {
  return PODS.filter((pod) => pod.arm === arm).flatMap((pod) => {
    const [before, now] = [answered(pod, from), answered(pod, from + 10)];
    const isAnew = pod.anewAt !== undefined && from < pod.anewAt && pod.anewAt <= from + 10;
    return isAnew ? now : now.slice(before.length);
  });
}

const canRun = isPrometheusInstalled() || process.env["CI"] !== undefined;

describe.skipIf(!canRun)("native histograms from a real Prometheus (needs prometheus)", () => {
  let server: RealPrometheus;
  let windows: readonly Window[];

  beforeAll(async () => {
    server = await realPrometheus(undefined, NATIVE);
    await writeTo(server.url, PODS.flatMap(written));
    const asked = question({ to: BIRTH + 60 * SECOND, latency: "asked" });
    const reading = await timelineOf(metricsAt(server.url), asked);
    windows = reading.kind === "read" ? reading.value : expect.fail(reading.reason);
  });

  afterAll(() => server.close());

  const nativeIn = (window: Window | undefined) =>
    window?.latency?.native?.kind === "read" ? window.latency.native : expect.fail("There are native histograms.");

  it.each([0, 10, 20, 30, 40, 50])(
    "tell what was answered from second %i on, through resets and resolutions",
    (from) => {
      const told = nativeIn(windows[from / 10]);
      for (const [histogram, times, spoilt] of [
        [told.stable, truth("checkout", from), 0],
        [told.canary, truth("checkout-canary", from), 10],
      ] as const) {
        expect(histogram && requestsIn(histogram)).toBe(times.length + spoilt);
        for (const bound of [4, 8, 16, 32, 64, 128])
          expect(histogram && slowerThan(histogram, bound)).toBe(times.filter((time) => time > bound).length + spoilt);
      }
    },
  );

  it("are as fine as the coarsest pod of an arm", () => {
    const bounds = ({ bounds: all }: Histogram) => all.filter((bound) => bound > 16 && bound <= 32);
    const fine = nativeIn(windows[1]).stable ?? expect.fail("Stable is told.");
    const coarse = nativeIn(windows[4]).stable ?? expect.fail("Stable is told.");
    expect(bounds(fine)).toEqual([19.02731384, 22.627416998, 26.9086852881, 32]);
    expect(bounds(coarse)).toEqual([22.627416998, 32]);
  });

  it("come beside the classic buckets, which tell the same where both have a bound", () => {
    const { latency } = windows[2] ?? expect.fail("There is a third window.");
    const classic = latency?.kind === "read" ? latency.stable : undefined;
    expect(classic?.bounds).toEqual([10, 50, 100, Infinity]);
    expect(classic && requestsIn(classic)).toBe(truth("checkout", 20).length);
  });

  it("are no counter, and who asks for requests by them is told so", async () => {
    const requests = { ...DEFAULT_PROMETHEUS.requests, counter: METRIC };
    const reading = await timelineOf(metricsAt(server.url, { requests }), question({ to: BIRTH + 60 * SECOND }));
    const reason = "Prometheus answered with native histograms where a counter is asked for.";
    expect(reading).toEqual({ kind: "unavailable", reason });
  });

  it("are read where there is nothing else", async () => {
    const latency = { buckets: METRIC, unit: "ms" } as const;
    const requests = { ...DEFAULT_PROMETHEUS.requests, latency };
    const asked = question({ to: BIRTH + 60 * SECOND, latency: "asked" });
    const reading = await timelineOf(metricsAt(server.url, { requests }), asked);
    const all = reading.kind === "read" ? reading.value : expect.fail(reading.reason);
    expect(all.map((window) => window.latency?.native)).toEqual(windows.map((window) => window.latency?.native));
    expect(all.every((window) => window.latency?.kind === "read" && window.latency.stable === undefined)).toBe(true);
  });
});
