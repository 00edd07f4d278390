import { describe, expect, it } from "vitest";
import { readPast } from "../../src/backtest/read.ts";
import { name } from "../../src/core/names.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import { requestsIn } from "../../src/core/gate/histogram.ts";
import type { GaugeQuestion, Metrics, TimelineQuestion } from "../../src/ports/metrics.ts";
import type { PodsAt } from "../../src/ports/pod-counts.ts";
import type { GaugeAt } from "../../src/ports/pod-gauges.ts";
import { histogramOf } from "../support/latency.ts";

const HOUR = 3_600_000;
const MINUTE = 60_000;
const QUESTION: TimelineQuestion = {
  service: name("web"),
  namespace: name("shop"),
  arms: { canary: name("web-canary"), stable: name("web"), by: "service" },
  workloads: { canary: name("web-canary"), stable: name("web") },
  container: name("app"),
  from: 0,
  to: 13 * HOUR,
  windowMs: MINUTE,
};

/** Answers questions of up to `most` milliseconds, and keeps their lengths. */
function metricsUpTo(most: number, asked: number[]): Metrics {
  return {
    timelines: async (questions) =>
      questions.map(({ from, to, windowMs }) => {
        asked.push((to - from) / HOUR);
        if (to - from > most) return unavailable("Prometheus answered with more than is read.");
        return read(
          Array.from({ length: (to - from) / windowMs }, (_, index) => {
            const start = from + index * windowMs;
            return { start, end: start + windowMs, counts: { stable: { requests: 10, failed: 1 } }, pods: {} };
          }),
        );
      }),
  };
}

describe("a past", () => {
  it("is read in parts, each told before", async () => {
    const [asked, told]: [number[], string[]] = [[], []];
    const progress = (part: number, of: number) => void told.push(`${part}/${of}`);
    const past = await readPast(QUESTION, { metrics: metricsUpTo(6 * HOUR, asked), pods: undefined, progress });
    expect(told).toEqual(["1/3", "2/3", "3/3"]);
    expect(asked).toEqual([6, 6, 1]);
    const moments = past.kind === "read" ? past.value : [];
    expect(moments.map(({ start }) => start)).toEqual(Array.from({ length: 13 * 60 }, (_, minute) => minute * MINUTE));
  });

  it("is asked for in smaller parts where an answer is too long", async () => {
    const asked: number[] = [];
    const past = await readPast(QUESTION, {
      metrics: metricsUpTo(2 * HOUR, asked),
      pods: undefined,
      progress: () => undefined,
    });
    expect(past.kind === "read" && past.value.length).toBe(13 * 60);
    expect(asked.slice(0, 7)).toEqual([6, 3, 1.5, 1.5, 3, 1.5, 1.5]);
  });

  it("is not read where the least part is not, with the provider's reason", async () => {
    const asked: number[] = [];
    const past = await readPast(QUESTION, {
      metrics: metricsUpTo(0, asked),
      pods: undefined,
      progress: () => undefined,
    });
    expect(past).toEqual({ kind: "unavailable", reason: "Prometheus answered with more than is read." });
    expect(asked).toEqual([6, 3, 1.5, 0.75]);
  });

  it("is read without how long requests took where that alone is too long, and no later than that", async () => {
    const asked: (string | undefined)[] = [];
    const pods = async ({ from, to, latency }: TimelineQuestion) => {
      asked.push(latency && `${(to - from) / HOUR}`);
      return latency === "asked"
        ? unavailable<PodsAt>("Prometheus answered with more than is read.")
        : read<PodsAt>(new Map());
    };
    const past = await readPast(
      { ...QUESTION, to: 3 * HOUR, latency: "asked" },
      { metrics: metricsUpTo(HOUR * 6, []), pods, progress: () => undefined },
    );
    expect(past.kind === "read" && past.value.length).toBe(3 * 60);
    expect(asked).toEqual([
      "3",
      "1.5",
      "0.75",
      undefined,
      "0.75",
      undefined,
      "1.5",
      "0.75",
      undefined,
      "0.75",
      undefined,
    ]);
  });

  it("is told of gauges pod by pod, which the arms are not asked for", async () => {
    const asked: (readonly GaugeQuestion[] | undefined)[] = [];
    const all = metricsUpTo(6 * HOUR, []);
    const metrics: Metrics = {
      timelines: (questions) => {
        asked.push(...questions.map(({ gauges }) => gauges));
        return all.timelines(questions);
      },
    };
    const told = new Map([
      ["memory", read(new Map([[MINUTE, new Map([["web-0", 7]])]]))],
      ["queue", unavailable<GaugeAt>("Refused.")],
    ]);
    const gauges = [{ name: "memory", query: "avg(m)" }];
    const past = await readPast(
      { ...QUESTION, to: 15 * MINUTE, gauges },
      { metrics, pods: undefined, gauges: async () => told, progress: () => undefined },
    );
    expect(asked).toEqual([undefined]);
    const [first, second] = past.kind === "read" ? past.value : [];
    expect(second?.gauges).toEqual({ memory: read(new Map([["web-0", 7]])), queue: told.get("queue") });
    expect(first?.gauges?.["memory"]).toEqual(read(new Map()));
  });

  it("bundles pods beyond sixty-four, fewer with histograms of a long past, and adds those up", async () => {
    const pods = Array.from({ length: 60 }, (_, pod) => ({
      pod: `web-${pod}`,
      requests: 8000,
      failed: 1,
      latency: histogramOf(8000),
    }));
    const past = await readPast(
      { ...QUESTION, to: 15 * MINUTE, windowMs: MINUTE / 2, latency: "asked" },
      { metrics: metricsUpTo(HOUR, []), pods: async () => read(new Map([[0, pods]])), progress: () => undefined },
    );
    const [first] = past.kind === "read" ? past.value : [];
    expect(first?.pods.length).toBeLessThanOrEqual(17);
    const requests = first?.pods.reduce(
      (sum, { latency }) => sum + (latency === undefined ? 0 : requestsIn(latency)),
      0,
    );
    expect(requests).toBe(60 * requestsIn(histogramOf(8000)));
  });

  it("bundles pods beyond sixty-four, and loses no request of them", async () => {
    const pods = Array.from({ length: 300 }, (_, pod) => ({ pod: `web-${pod}`, requests: 2, failed: 1 }));
    const past = await readPast(
      { ...QUESTION, to: 15 * MINUTE },
      { metrics: metricsUpTo(HOUR, []), pods: async () => read(new Map([[0, pods]])), progress: () => undefined },
    );
    const [first] = past.kind === "read" ? past.value : [];
    expect(first?.pods.length).toBeLessThanOrEqual(64);
    expect(first?.pods.reduce((sum, { requests }) => sum + requests, 0)).toBe(600);
  });
});
