import fc from "fast-check";
import { expect, it } from "vitest";
import { chance } from "../../src/backtest/chance.ts";
import { slowing, type Slowdown } from "../../src/backtest/slower.ts";
import { requestsIn, survival, type Histogram } from "../../src/core/gate/histogram.ts";
import { BOUNDS, histogramOf } from "../support/latency.ts";

const MANY = 2_000_000;
const ALL = histogramOf(MANY);

function slowed(slowdown: Slowdown, seed = 1): Histogram {
  return slowing(ALL, slowdown)(ALL, chance(seed)) ?? expect.fail("The bounds are the same.");
}

/** Share that takes longer than each bound but the last. */
const above = (of: Histogram) => BOUNDS.slice(0, -1).map((bound) => survival(of, bound));

it.each([1.25, 1.5, 2])("moves requests over bounds as a service does that is %d times as slow", (factor) => {
  const [seen, meant] = [above(slowed({ kind: "slower", factor })), above(histogramOf(MANY, factor))];
  // What lies inside a bucket is read from its neighbours: near enough in shares of all requests.
  for (const [at, share] of seen.entries()) expect(Math.abs(share - (meant[at] ?? 0))).toBeLessThan(0.05);
  // At the bounds of buckets where nothing is read it is exact but for chance.
  const inside = survival(ALL, 100 / factor);
  expect(survival(slowed({ kind: "slower", factor }), 100)).toBeCloseTo(inside, 2);
});

it("makes two of a hundred take a second more", () => {
  const seen = slowed({ kind: "tail", share: 0.02, byMs: 1000 });
  const before = survival(ALL, 1000);
  expect(survival(seen, 1000)).toBeCloseTo(before + 0.02 * (1 - before), 3);
  expect(survival(seen, 100)).toBeCloseTo(survival(ALL, 100) + 0.02 * (1 - survival(ALL, 100)), 2);
});

const histograms = fc
  .array(fc.nat(3000), { minLength: BOUNDS.length, maxLength: BOUNDS.length })
  .map((counts): Histogram => ({ bounds: BOUNDS, counts, spread: "even" }));
const slowdowns: fc.Arbitrary<Slowdown> = fc.oneof(
  fc.record({ kind: fc.constant("slower" as const), factor: fc.double({ min: 1, max: 50, noNaN: true }) }),
  fc.record({
    kind: fc.constant("tail" as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    byMs: fc.double({ min: 0, max: 5000, noNaN: true }),
  }),
);

it("loses and invents no request, and makes none faster", () => {
  fc.assert(
    fc.property(histograms, histograms, slowdowns, fc.nat(), (all, one, slowdown, seed) => {
      const slow = slowing(all, slowdown)(one, chance(seed)) ?? expect.fail("The bounds are the same.");
      expect(requestsIn(slow)).toBe(requestsIn(one));
      let [was, is] = [0, 0];
      slow.counts.forEach((count, at) => {
        was += one.counts[at] ?? 0;
        is += count;
        expect(is).toBeLessThanOrEqual(was);
      });
    }),
  );
});

it("says nothing of histograms with other bounds", () => {
  const other = { ...ALL, bounds: BOUNDS.map((bound) => bound * 2) };
  expect(slowing(ALL, { kind: "slower", factor: 2 })(other, chance(1))).toBeUndefined();
});
