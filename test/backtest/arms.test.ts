import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { injected, splitByPods, splitByRequests, thinnedTo, type Pair } from "../../src/backtest/arms.ts";
import { binomial, chance } from "../../src/backtest/chance.ts";
import { releasesIn, stretches, type Moment } from "../../src/backtest/history.ts";
import { pastOf, WINDOW } from "./pasts.ts";

const past = pastOf({ perWindow: 1000, rate: 0.05, pods: 8, windows: 20 });
const DRAW = { seed: 1, release: 0 };

const requestsOf = (pairs: readonly Pair[], arm: "canary" | "stable") =>
  pairs.reduce((sum, { counts }) => sum + counts[arm].requests, 0);
const failedOf = (pairs: readonly Pair[], arm: "canary" | "stable") =>
  pairs.reduce((sum, { counts }) => sum + counts[arm].failed, 0);

describe("a canary of pods", () => {
  it.each([
    [0.01, 1 / 8],
    [0.25, 2 / 8],
    [0.5, 4 / 8],
    [0.99, 7 / 8],
  ])("has for %d whole pods, one at least and never all", (share, had) => {
    const pairs = splitByPods(past, share, DRAW) ?? [];
    const canary = requestsOf(pairs, "canary");
    expect(canary / (canary + requestsOf(pairs, "stable"))).toBeCloseTo(had, 1);
  });

  it("keeps its pods when it grows, so that evidence goes on", () => {
    const pairs = [0.125, 0.5].map((share) => splitByPods(past, share, DRAW) ?? []);
    const [small = [], large = []] = pairs;
    const grown = large.map(({ counts }, index) => counts.canary.failed >= (small[index]?.counts.canary.failed ?? 0));
    expect(grown).not.toContain(false);
  });

  it("is none where there is one pod", () => {
    expect(splitByPods(pastOf({ perWindow: 10, rate: 0, pods: 1, windows: 2 }), 0.5, DRAW)).toBeUndefined();
  });
});

const pairs = fc.array(
  fc
    .tuple(fc.nat(5000), fc.nat(5000), fc.double({ min: 0, max: 1, noNaN: true }))
    .map(([canary, stable, rate]): Pair => ({
      start: 0,
      end: WINDOW,
      counts: {
        canary: { requests: canary, failed: Math.floor(canary * rate) },
        stable: { requests: stable, failed: Math.floor((stable * rate) / 2) },
      },
    })),
  { maxLength: 10 },
);

it("loses and invents no request when a canary is thinned, and gives it no more than its share on average", () => {
  fc.assert(
    fc.property(pairs, fc.double({ min: 0, max: 1, noNaN: true }), fc.nat(), (all, share, seed) => {
      const thinned = thinnedTo(all, share, chance(seed));
      for (const of of [requestsOf, failedOf])
        expect(of(thinned, "canary") + of(thinned, "stable")).toBe(of(all, "canary") + of(all, "stable"));
      for (const { counts } of thinned) {
        expect(counts.canary.failed).toBeLessThanOrEqual(counts.canary.requests);
        expect(counts.stable.failed).toBeLessThanOrEqual(counts.stable.requests);
      }
    }),
  );
  const alone = thinnedTo(splitByPods(past, 0.5, DRAW) ?? [], 0.05, chance(3));
  expect(requestsOf(alone, "canary") / (requestsOf(alone, "canary") + requestsOf(alone, "stable"))).toBeCloseTo(
    0.05,
    2,
  );
});

it("makes requests fail that there are, at the canary alone", () => {
  fc.assert(
    fc.property(pairs, fc.double({ min: 1, max: 1000, noNaN: true }), fc.nat(), (all, factor, seed) => {
      const worse = injected(all, { kind: "times", factor }, chance(seed));
      expect(requestsOf(worse, "canary")).toBe(requestsOf(all, "canary"));
      expect(worse.map(({ counts }) => counts.stable)).toEqual(all.map(({ counts }) => counts.stable));
      worse.forEach(({ counts: { canary } }, index) => {
        expect(canary.failed).toBeLessThanOrEqual(canary.requests);
        expect(canary.failed).toBeGreaterThanOrEqual(all[index]?.counts.canary.failed ?? 0);
      });
    }),
  );
});

it.each([
  [{ kind: "times", factor: 5 } as const, 0.25],
  [{ kind: "plus", share: 0.05 } as const, 0.1],
])("brings the error rate to what %o means", (regression, rate) => {
  const all = splitByRequests(pastOf({ perWindow: 20_000, rate: 0.05, pods: 2, windows: 20 }), 0.5, chance(1));
  const worse = injected(all, regression, chance(2));
  expect(failedOf(worse, "canary") / requestsOf(worse, "canary")).toBeCloseTo(rate, 2);
});

it.each([
  [5, 0.3],
  [40, 0.02],
  [1000, 0.9],
  [200_000, 0.4],
])("draws of %d with %d as many as a binomial number has", (trials, share) => {
  const random = chance(7);
  const draws = Array.from({ length: 4000 }, () => binomial(random, trials, share));
  const mean = draws.reduce((sum, draw) => sum + draw, 0) / draws.length;
  const spread = draws.reduce((sum, draw) => sum + (draw - mean) ** 2, 0) / draws.length;
  const variance = trials * share * (1 - share);
  expect(Math.abs(mean - trials * share)).toBeLessThan(5 * Math.sqrt(variance / draws.length));
  expect(spread / variance).toBeCloseTo(1, 0);
});

describe("a past", () => {
  const at = (index: number, changes: Partial<Moment> = {}): Moment => ({
    start: index * WINDOW,
    end: (index + 1) * WINDOW,
    stable: { requests: 1, failed: 0 },
    pods: [],
    isReleasing: false,
    twins: undefined,
    ...changes,
  });

  it("is cut where nothing is missing", () => {
    const moments = [at(0), at(1), at(2, { stable: undefined }), at(3), at(5), at(6), at(7), at(8), at(9)];
    expect(stretches(moments, 2).map((stretch) => stretch.map(({ start }) => start / WINDOW))).toEqual([
      [0, 1],
      [5, 6],
      [7, 8],
    ]);
  });

  it("holds as many releases as begin after half an hour without one", () => {
    const releasing = (index: number) => at(index, { isReleasing: true });
    expect(releasesIn([releasing(0), at(1), releasing(2), releasing(100), releasing(160), releasing(222)])).toBe(3);
  });
});
