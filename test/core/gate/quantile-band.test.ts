import { describe, expect, it } from "vitest";
import type { Histogram } from "../../../src/core/gate/histogram.ts";
import {
  bandConstant,
  bandReach,
  knownQuantiles,
  quantileChance,
  stitchedReach,
} from "../../../src/core/gate/quantile-band.ts";
import { chance } from "./chance.ts";
import { misprint, PRINTED_TO } from "./reference.ts";

const BAND = { alpha: 0.05, least: 100 };
const LAST = 1200;

/** Whole numbers, a bucket each, of which those from `first` to `first` + 999 occurred once. */
function thousandFrom(first: number): Histogram {
  const bounds = [...Array.from({ length: LAST }, (_, bound) => bound + 1), Number.POSITIVE_INFINITY];
  return { bounds, counts: bounds.map((bound) => (bound >= first && bound < first + 1000 ? 1 : 0)), spread: "even" };
}

describe("as confseq's own tests print them", () => {
  it.each<readonly [string, number]>([
    ["empirical_process_lil_bound(t=1000,a=.05,tmin=100,A=.85)", bandReach(BAND)(1000)],
    ["double_stitching_bound(p=.9,t=1000,a=.05,topt=100)", 1000 * stitchedReach(0.9, 1000, BAND)],
    [
      "quantile_ab_p_value(1..1000 vs 86..1085,p=.5,topt=100)",
      quantileChance(thousandFrom(1), thousandFrom(86), { quantile: 0.5, tightAt: 100 }),
    ],
  ])("%s", (name, value) => {
    expect(misprint(value, name)).toBeLessThanOrEqual(PRINTED_TO);
  });

  it.each([
    [0.025, 8.623],
    [0.05, 8.123],
  ])("the constant of the band at %d, as the paper has it", (alpha, constant) => {
    expect(Math.abs(bandConstant(alpha) - constant)).toBeLessThan(5e-4);
  });
});

describe("a quantile for display", () => {
  const BOUNDS = [0.025, 0.05, 0.1, 0.25, 0.5, 1, Number.POSITIVE_INFINITY];
  const SHARES = [0.3, 0.31, 0.27, 0.1, 0.015, 0.004, 0.001];
  const of = (requests: number): Histogram => ({
    bounds: BOUNDS,
    counts: SHARES.map((share) => Math.round(share * requests)),
    spread: "even",
  });
  const known = (requests: number) => knownQuantiles(of(requests), [0.5, 0.9, 0.99], BAND);

  it("lies between bounds of buckets, which draw nearer", () => {
    expect(known(1_000_000)).toEqual([
      { quantile: 0.5, low: 0.025, high: 0.05 },
      { quantile: 0.9, low: 0.1, high: 0.25 },
      { quantile: 0.99, low: 0.25, high: 0.5 },
    ]);
    expect(known(1000)[2]).toEqual({ quantile: 0.99, low: 0.1, high: Number.POSITIVE_INFINITY });
    expect(known(90)[0]).toEqual({ quantile: 0.5, low: 0, high: Number.POSITIVE_INFINITY });
  });

  it("holds the true one at every look, but for few of many sequences", () => {
    const random = chance(5);
    const cumulated = SHARES.map((_, at) => SHARES.slice(0, at + 1).reduce((sum, share) => sum + share, 0));
    const trueBucket = (quantile: number) => cumulated.findIndex((share) => share >= quantile - 1e-12);
    const missed = Array.from({ length: 24 }, () => {
      const counts = BOUNDS.map(() => 0);
      return Array.from({ length: 8 }, () => {
        for (let request = 0; request < 200; request += 1) {
          const drawn = random();
          const bucket = Math.max(
            0,
            cumulated.findIndex((share) => drawn < share),
          );
          counts[bucket] = (counts[bucket] ?? 0) + 1;
        }
        return knownQuantiles({ bounds: BOUNDS, counts, spread: "even" }, [0.5, 0.9, 0.99], BAND).every(
          ({ quantile, low, high }) => {
            const bucket = trueBucket(quantile);
            return low <= (BOUNDS[bucket - 1] ?? 0) && high >= (BOUNDS[bucket] ?? 0);
          },
        );
      }).includes(false);
    }).filter(Boolean);
    expect(missed.length).toBeLessThanOrEqual(2);
  });
});
