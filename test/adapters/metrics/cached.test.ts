import { describe, expect, it } from "vitest";
import { cachedTimelines } from "../../../src/adapters/metrics/cached.ts";
import { windowsFrom } from "../../../src/adapters/metrics/kept-windows.ts";
import type { IdentifiedMetrics, WindowStore } from "../../../src/adapters/metrics/cached.ts";
import { name } from "../../../src/core/names.ts";
import { read, unavailable } from "../../../src/core/reading.ts";
import type { Window, WindowGauge } from "../../../src/core/window.ts";
import type { Metrics, TimelineQuestion } from "../../../src/ports/metrics.ts";
import { timelineOf } from "./world.ts";

const question = (changes: Partial<TimelineQuestion> = {}): TimelineQuestion => ({
  service: name("checkout"),
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
  const answerTo = ({ from, to, windowMs }: TimelineQuestion) => {
    const starts = Array.from({ length: (to - from) / windowMs }, (_, index) => from + index * windowMs);
    return read(starts.map((start) => window(start, !gaps.has(start))));
  };
  const metrics: IdentifiedMetrics = {
    identity,
    timelines: (questions) => {
      asked.push(questions.map(({ from, to }) => `${from}-${to}`).join(" "));
      return Promise.resolve(questions.map(answerTo));
    },
  };
  return { metrics, asked };
}

const startsOf = async (metrics: Metrics, asked: TimelineQuestion) => {
  const reading = await timelineOf(metrics, asked);
  return reading.kind === "read" ? reading.value.map(({ start }) => start) : reading.reason;
};

describe("cachedTimelines", () => {
  it("asks once for all that is not known, and for nothing of what is", async () => {
    const { metrics, asked } = provider();
    const cached = cachedTimelines(metrics, new Map());
    const of = (one: string, changes: Partial<TimelineQuestion> = {}) => question({ namespace: name(one), ...changes });
    await cached.timelines([of("a"), of("b", { to: 20 })]);
    const readings = await cached.timelines([of("c", { from: 20 }), of("a"), of("b")]);
    expect(asked).toEqual(["0-30 0-20", "20-30 20-30"]);
    const [c, ...known] = readings;
    expect(c).toEqual(read([window(20, true)]));
    expect(known).toEqual(Array.from({ length: 2 }, () => read([0, 10, 20].map((start) => window(start, true)))));
    await cached.timelines([of("a"), of("b"), of("c", { from: 20 })]);
    expect(asked).toHaveLength(2);
  });

  it("asks only for windows after the known ones", async () => {
    const { metrics, asked } = provider();
    const cached = cachedTimelines(metrics, new Map());
    expect(await startsOf(cached, question())).toEqual([0, 10, 20]);
    expect(await startsOf(cached, question({ to: 50 }))).toEqual([0, 10, 20, 30, 40]);
    expect(await startsOf(cached, question({ from: 10, to: 40 }))).toEqual([10, 20, 30]);
    expect(asked).toEqual(["0-30", "30-50"]);
  });

  it("asks again from the first window that lacked something", async () => {
    const gaps = new Set([10]);
    const { metrics, asked } = provider(gaps);
    const cached = cachedTimelines(metrics, new Map());
    await timelineOf(cached, question());
    gaps.clear();
    const late = await timelineOf(cached, question());
    expect(late).toEqual(read([window(0, true), window(10, true), window(20, true)]));
    expect(asked).toEqual(["0-30", "10-30"]);
  });

  const MINUTE = 60_000;
  const stable = { requests: 7, failed: 0 };
  const unread = { kind: "unread", reason: "down" } as const;

  it.each<[string, Partial<Window>, readonly string[]]>([
    ["has one arm, as before a first weight", { counts: { stable } }, ["0-30", "20-30"]],
    ["has no pods", { counts: { canary: stable, stable }, pods: {} }, ["0-30", "20-30"]],
    ["has latency of one arm", { counts: { stable }, latency: { kind: "read" } }, ["0-30", "20-30"]],
    ["has nothing at all", { counts: {}, pods: {} }, ["0-30", "0-30"]],
    ["has latency that could not be read", { counts: { stable }, latency: unread }, ["0-30", "0-30"]],
    ["has a gauge that could not be read", { counts: { stable }, gauges: { cpu: unread } }, ["0-30", "0-30"]],
  ])("asks again for what %s, but not for ever", async (_, told, expected) => {
    const asked: string[] = [];
    const metrics: IdentifiedMetrics = {
      identity: "prod",
      timelines: (questions) => {
        const [{ from, to, windowMs } = question()] = questions;
        asked.push(`${from / MINUTE}-${to / MINUTE}`);
        const starts = Array.from({ length: (to - from) / windowMs }, (_, index) => from + index * windowMs);
        return Promise.resolve([
          read(starts.map((start) => ({ ...window(start, true), end: start + windowMs, ...told }))),
        ]);
      },
    };
    const cached = cachedTimelines(metrics, new Map());
    const halfAnHour = question({ to: 30 * MINUTE, windowMs: 5 * MINUTE });
    const first = await timelineOf(cached, halfAnHour);
    expect(await timelineOf(cached, halfAnHour)).toEqual(first);
    expect(asked).toEqual(expected);
  });

  it("keeps once what is the same in many windows, and each window as it was told", async () => {
    const histogram = (more: number) => ({ bounds: [1, 2, Infinity], counts: [more, 0, 1], spread: "even" as const });
    const told = [0, 10, 20].map((start): Window => {
      const pods = { canary: [], stable: [{ image: "r/a:1", ready: start === 20 ? 3 : 4, total: 4 }] };
      const latency = { kind: "read", canary: histogram(start), stable: histogram(2 * start) } as const;
      return { ...window(start, true), pods, latency };
    });
    const answers = async () => [read(structuredClone(told))];
    const store: WindowStore = new Map();
    const cached = cachedTimelines({ identity: "prod", timelines: answers }, store);
    await timelineOf(cached, question());
    expect(await timelineOf(cached, question())).toEqual(read(told));
    const kept = [...store.values()].flatMap((windows) => windowsFrom(windows, 0));
    expect(new Set(kept.map(({ pods }) => pods)).size).toBe(2);
    const bounds = kept.flatMap(({ latency }) => (latency?.kind === "read" ? [latency.canary?.bounds] : []));
    expect(new Set(bounds).size).toBe(1);
  });

  it("reads windows without pods once where none are ever told, as soon as their counts change no more", async () => {
    const asked: string[] = [];
    const podless: IdentifiedMetrics = {
      identity: "podless",
      changesForMs: 15,
      timelines: (questions) => {
        asked.push(...questions.map(({ from, to }) => `${from}-${to}`));
        const starts = [0, 10, 20].filter((start) => start >= (questions[0]?.from ?? 0));
        return Promise.resolve([read(starts.map((start) => ({ ...window(start, true), pods: {} })))]);
      },
    };
    const cached = cachedTimelines(podless, new Map());
    await timelineOf(cached, question());
    await timelineOf(cached, question());
    expect(asked).toEqual(["0-30", "10-30"]);
  });

  it.each([
    ["another service", question({ service: name("cart") })],
    ["another namespace", question({ namespace: name("prod") })],
    ["other arms", question({ arms: { canary: name("a"), stable: name("b"), by: "service" } })],
    ["arms by another label", question({ arms: { ...question().arms, by: "workload" } })],
    ["another container", question({ container: name("proxy") })],
    ["another length of window", question({ windowMs: 5 })],
  ])("never answers %s from the same windows", async (_, other) => {
    const { metrics, asked } = provider();
    const cached = cachedTimelines(metrics, new Map());
    await timelineOf(cached, question());
    await timelineOf(cached, other);
    expect(asked).toEqual(["0-30", "0-30"]);
  });

  it.each<[string, WindowGauge, readonly string[]]>([
    ["reads a gauge of both arms once", { kind: "read", canary: 1, stable: 1 }, ["0-30"]],
    ["reads a gauge that neither arm has once", { kind: "read" }, ["0-30"]],
    ["asks again for a gauge of one arm alone", { kind: "read", stable: 1 }, ["0-30", "0-30"]],
    ["asks again for a gauge that could not be read", { kind: "unread", reason: "down" }, ["0-30", "0-30"]],
  ])("%s", async (_, cpu, expected) => {
    const { metrics, asked } = provider();
    const told = async (questions: readonly TimelineQuestion[]) =>
      (await metrics.timelines(questions)).map((one) =>
        one.kind === "read" ? read(one.value.map((window) => ({ ...window, gauges: { cpu } }))) : one,
      );
    const cached = cachedTimelines({ ...metrics, timelines: told }, new Map());
    const gauges = [{ name: "cpu", query: "{arm}" }];
    await cached.timelines([question({ gauges })]);
    await cached.timelines([question({ gauges })]);
    expect(asked).toEqual(expected);
    await cached.timelines([question({ gauges: [{ name: "cpu", query: "{workload}" }] })]);
    expect(asked).toEqual([...expected, "0-30"]);
  });

  it("never answers for one provider with what another said", async () => {
    const [prod, staging] = [provider(new Set(), "prod"), provider(new Set(), "staging")];
    const store: WindowStore = new Map();
    await timelineOf(cachedTimelines(prod.metrics, store), question());
    await timelineOf(cachedTimelines(staging.metrics, store), question());
    await timelineOf(cachedTimelines(prod.metrics, store), question());
    expect([prod.asked, staging.asked]).toEqual([["0-30"], ["0-30"]]);
  });

  it("is unavailable when the rest is", async () => {
    const { metrics } = provider();
    const store: WindowStore = new Map();
    await timelineOf(cachedTimelines(metrics, store), question());
    const down = cachedTimelines(
      { identity: "prod", timelines: (questions) => Promise.resolve(questions.map(() => unavailable("down"))) },
      store,
    );
    expect(await startsOf(down, question({ to: 40 }))).toBe("down");
    expect(await startsOf(down, question())).toEqual([0, 10, 20]);
  });

  it("stays within its limits and drops what was asked about least recently", async () => {
    const { metrics, asked } = provider();
    const store: WindowStore = new Map();
    const cached = cachedTimelines(metrics, store, { members: 2, windows: 2 });
    for (const one of ["a", "b", "a", "c"]) await timelineOf(cached, question({ namespace: name(one), to: 20 }));
    expect(store.size).toBe(2);
    expect(asked).toHaveLength(3);
    await timelineOf(cached, question({ namespace: name("a"), to: 100 }));
    expect([...store.values()].every((windows) => windowsFrom(windows, 0).length <= 2)).toBe(true);
  });
});
