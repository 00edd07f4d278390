import { describe, expect, it } from "vitest";
import { cachedTimeline } from "../../../src/adapters/metrics/cached.ts";
import type { IdentifiedMetrics, WindowStore } from "../../../src/adapters/metrics/cached.ts";
import { name } from "../../../src/core/names.ts";
import { read, unavailable } from "../../../src/core/reading.ts";
import type { Window } from "../../../src/core/window.ts";
import type { Metrics, TimelineQuestion } from "../../../src/ports/metrics.ts";

const question = (changes: Partial<TimelineQuestion> = {}): TimelineQuestion => ({
  namespace: name("shop"),
  arms: { canary: name("checkout-canary"), stable: name("checkout"), by: "service" },
  workloads: { canary: name("checkout-canary"), stable: name("checkout") },
  container: name("app"),
  from: 0,
  to: 30,
  windowMs: 10,
  ...changes,
});

const window = (start: number, isWhole: boolean): Window => ({
  start,
  end: start + 10,
  counts: isWhole ? { canary: { requests: start, failed: 0 }, stable: { requests: start, failed: 0 } } : {},
  pods: { canary: [], stable: [] },
});

/** A provider that knows everything but the windows in `gaps`, and remembers what it was asked. */
function provider(gaps: ReadonlySet<number> = new Set(), identity = "prod") {
  const asked: string[] = [];
  const metrics: IdentifiedMetrics = {
    identity,
    timeline: ({ from, to, windowMs }) => {
      asked.push(`${from}-${to}`);
      const starts = Array.from({ length: (to - from) / windowMs }, (_, index) => from + index * windowMs);
      return Promise.resolve(read(starts.map((start) => window(start, !gaps.has(start)))));
    },
  };
  return { metrics, asked };
}

const startsOf = async (metrics: Metrics, asked: TimelineQuestion) => {
  const reading = await metrics.timeline(asked);
  return reading.kind === "read" ? reading.value.map(({ start }) => start) : reading.reason;
};

describe("cachedTimeline", () => {
  it("asks only for windows after the known ones", async () => {
    const { metrics, asked } = provider();
    const cached = cachedTimeline(metrics, new Map());
    expect(await startsOf(cached, question())).toEqual([0, 10, 20]);
    expect(await startsOf(cached, question({ to: 50 }))).toEqual([0, 10, 20, 30, 40]);
    expect(await startsOf(cached, question({ from: 10, to: 40 }))).toEqual([10, 20, 30]);
    expect(asked).toEqual(["0-30", "30-50"]);
  });

  it("asks again from the first window that lacked something", async () => {
    const gaps = new Set([10]);
    const { metrics, asked } = provider(gaps);
    const cached = cachedTimeline(metrics, new Map());
    await cached.timeline(question());
    gaps.clear();
    const late = await cached.timeline(question());
    expect(late).toEqual(read([window(0, true), window(10, true), window(20, true)]));
    expect(asked).toEqual(["0-30", "10-30"]);
  });

  it.each([
    ["another namespace", question({ namespace: name("prod") })],
    ["other arms", question({ arms: { canary: name("a"), stable: name("b"), by: "service" } })],
    ["arms by another label", question({ arms: { ...question().arms, by: "workload" } })],
    ["another container", question({ container: name("proxy") })],
    ["another length of window", question({ windowMs: 5 })],
  ])("never answers %s from the same windows", async (_, other) => {
    const { metrics, asked } = provider();
    const cached = cachedTimeline(metrics, new Map());
    await cached.timeline(question());
    await cached.timeline(other);
    expect(asked).toEqual(["0-30", "0-30"]);
  });

  it("never answers for one provider with what another said", async () => {
    const [prod, staging] = [provider(new Set(), "prod"), provider(new Set(), "staging")];
    const store: WindowStore = new Map();
    await cachedTimeline(prod.metrics, store).timeline(question());
    await cachedTimeline(staging.metrics, store).timeline(question());
    await cachedTimeline(prod.metrics, store).timeline(question());
    expect([prod.asked, staging.asked]).toEqual([["0-30"], ["0-30"]]);
  });

  it("is unavailable when the rest is", async () => {
    const { metrics } = provider();
    const store: WindowStore = new Map();
    await cachedTimeline(metrics, store).timeline(question());
    const down = cachedTimeline({ identity: "prod", timeline: () => Promise.resolve(unavailable("down")) }, store);
    expect(await startsOf(down, question({ to: 40 }))).toBe("down");
    expect(await startsOf(down, question())).toEqual([0, 10, 20]);
  });

  it("stays within its limits and drops what was asked about least recently", async () => {
    const { metrics, asked } = provider();
    const store: WindowStore = new Map();
    const cached = cachedTimeline(metrics, store, { members: 2, windows: 2 });
    for (const one of ["a", "b", "a", "c"]) await cached.timeline(question({ namespace: name(one), to: 20 }));
    expect(store.size).toBe(2);
    expect(asked).toHaveLength(3);
    await cached.timeline(question({ namespace: name("a"), to: 100 }));
    expect([...store.values()].every((windows) => windows.size <= 2)).toBe(true);
  });
});
