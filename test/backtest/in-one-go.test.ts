import { describe, expect, it } from "vitest";
import { inOneGo } from "../../src/backtest/in-one-go.ts";
import { readPasts } from "../../src/backtest/pasts.ts";
import { read, unavailable } from "../../src/core/reading.ts";
import type { Metrics, TimelineQuestion } from "../../src/ports/metrics.ts";
import type { PodCounts, ReadPods } from "../../src/ports/pod-counts.ts";
import { histogramOf } from "../support/latency.ts";
import { HOUR, memberOf, NOW, windowsOf } from "./members.ts";

/** A provider that keeps of each query who was asked about. */
function counting(asked: string[], answer: (question: TimelineQuestion) => ReturnType<typeof windowsOf> = windowsOf) {
  const metrics: Metrics = {
    timelines: async (questions) => {
      asked.push(questions.map(({ service }) => service).join(" "));
      return questions.map(answer);
    },
  };
  return metrics;
}

const limit = (withinMs = HOUR, now = () => NOW) => ({ now, withinMs, bytes: 350e6 });

describe("the pasts of several members", () => {
  it("are asked for together, part by part, newest first", async () => {
    const asked: string[] = [];
    const reader = { metrics: inOneGo(counting(asked)), pods: undefined };
    const wanted = ["web", "cart", "pay"].map((service) => ({ member: memberOf(service), reader }));
    const pasts = await readPasts(wanted, limit());
    expect(asked).toEqual(Array.from({ length: 32 }, () => "web cart pay"));
    for (const { moments, end } of pasts) {
      expect(end).toEqual({ kind: "all" });
      expect(moments).toHaveLength(23_040);
      expect(moments.every((one, index) => index === 0 || one.start === moments[index - 1]?.end)).toBe(true);
      expect(moments.at(-1)?.end).toBeLessThanOrEqual(NOW - 15_000);
    }
  });

  it("go as far back as there is time for, all alike", async () => {
    const asked: string[] = [];
    let now = NOW;
    const metrics = inOneGo(
      counting(asked, (question) => {
        now += 10_000;
        return windowsOf(question);
      }),
    );
    const wanted = ["web", "cart"].map((service) => ({
      member: memberOf(service),
      reader: { metrics, pods: undefined },
    }));
    const pasts = await readPasts(
      wanted,
      limit(60_000, () => now),
    );
    expect(asked).toHaveLength(3);
    expect(pasts.map(({ end, moments }) => [end.kind, moments.length])).toEqual([
      ["late", 3 * 720],
      ["late", 3 * 720],
    ]);
  });

  it("keep what was read before the provider refused, and go on for the others", async () => {
    const asked: string[] = [];
    const metrics = inOneGo(
      counting(asked, (question) =>
        question.service === "web" && question.to < NOW - 13 * HOUR
          ? unavailable("Prometheus answered 429.")
          : windowsOf(question),
      ),
    );
    const wanted = ["web", "cart"].map((service) => ({
      member: memberOf(service),
      reader: { metrics, pods: undefined },
    }));
    const [web, cart] = await readPasts(wanted, limit());
    expect(web?.moments).toHaveLength(3 * 720);
    expect(web?.end).toEqual({ kind: "refused", reason: "Prometheus answered 429." });
    expect(cart?.end).toEqual({ kind: "all" });
  });

  it("go as far back as there is room for", async () => {
    const answered = Array.from({ length: 20 }, (_, pod): PodCounts => {
      return { pod: `web-${pod}`, requests: 10, failed: 1, latency: histogramOf(10, 1) };
    });
    const pods: ReadPods = async ({ from, to, windowMs }) => {
      const starts = Array.from({ length: (to - from) / windowMs }, (_, index) => from + index * windowMs);
      return read(new Map(starts.map((start) => [start, answered])));
    };
    const reader = { metrics: inOneGo(counting([])), pods };
    const [web] = await readPasts([{ member: memberOf("web"), reader }], { ...limit(), bytes: 20e6 });
    expect(web?.end).toEqual({ kind: "full" });
    expect(web?.moments.length).toBeGreaterThan(1_400);
    expect(web?.moments.length).toBeLessThan(3_000);
    // Of more pods than sixteen there are bundles.
    expect(Math.max(...(web?.moments ?? []).map((moment) => moment.pods.length))).toBeLessThanOrEqual(16);
  });

  it("are no more windows than eight days of half minutes", async () => {
    const asked: string[] = [];
    const member = memberOf("web", { windowMs: 1000 });
    const [past] = await readPasts([{ member, reader: { metrics: counting(asked), pods: undefined } }], limit());
    expect(past?.moments).toHaveLength(23_040);
    expect(asked).toHaveLength(2);
  });
});

describe("a provider that is asked in one go", () => {
  const [web, cart] = ["web", "cart"].map((service) => ({
    ...memberOf(service).asked,
    from: 0,
    to: HOUR,
    windowMs: 30_000,
  })) as [TimelineQuestion, TimelineQuestion];

  it("gives each its own answers", async () => {
    const metrics = inOneGo(counting([], ({ service }) => unavailable(`${service}?`)));
    const answers = await Promise.all([
      metrics.timelines([web, cart]),
      metrics.timelines([]),
      metrics.timelines([cart]),
    ]);
    expect(answers.map((of) => of.map((one) => (one.kind === "unavailable" ? one.reason : "")))).toEqual([
      ["web?", "cart?"],
      [],
      ["cart?"],
    ]);
  });

  it("asks anew what is asked later, and fails for all whom it fails for", async () => {
    const asked: string[] = [];
    const metrics = inOneGo(counting(asked, () => read([])));
    await metrics.timelines([web]);
    await metrics.timelines([cart]);
    expect(asked).toEqual(["web", "cart"]);
    const broken = inOneGo({ timelines: () => Promise.reject(new Error("no")) });
    const both = await Promise.allSettled([broken.timelines([web]), broken.timelines([cart])]);
    expect(both.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });
});
