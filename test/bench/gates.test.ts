import { describe, expect, it } from "vitest";
import { binomial, chance, type Chance } from "../../src/backtest/chance.ts";
import { geometric, poisson } from "../../bench/gates-chance.ts";
import { atLeast, atMost, medianFigure, medianInterval, shareFigure, standingOf } from "../../bench/gates-figures.ts";
import { FULL, rollout, SAME, SERVICES } from "../../bench/gates-classes.ts";

function momentsOf(
  draw: (random: Chance) => number,
  seed: number,
): { readonly mean: number; readonly variance: number } {
  const random = chance(seed);
  const values = Array.from({ length: 20_000 }, () => draw(random));
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return { mean, variance: values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length };
}

describe("simulated numbers", () => {
  it.each([
    ["Poisson, small", (random: Chance) => poisson(random, 3), 3, 3],
    ["Poisson, large", (random: Chance) => poisson(random, 500), 500, 500],
    ["binomial, few", (random: Chance) => binomial(random, 50, 0.02), 1, 0.98],
    ["binomial, many", (random: Chance) => binomial(random, 30_000, 0.05), 1500, 1425],
    ["binomial, most", (random: Chance) => binomial(random, 400, 0.9), 360, 36],
    ["geometric", (random: Chance) => geometric(random, 5), 5, 20],
  ])("have the mean and the variance of their law: %s", (_, draw, mean, variance) => {
    const seen = momentsOf(draw, 1);
    expect(Math.abs(seen.mean - mean)).toBeLessThan(5 * Math.sqrt(variance / 20_000));
    expect(seen.variance / variance).toBeGreaterThan(0.9);
    expect(seen.variance / variance).toBeLessThan(1.1);
  });

  it.each(SERVICES.map((service) => [service.name, service] as const))(
    "are the same for the same seeds: %s",
    (_, service) => {
      const play = (seed: number) => rollout(service, FULL, SAME, chance(seed));
      expect(play(7)).toEqual(play(7));
      expect(play(7)).not.toEqual(play(8));
      for (const { counts } of play(7))
        expect(counts.canary?.failed).toBeLessThanOrEqual(counts.canary?.requests ?? -1);
    },
  );
});

describe("a figure", () => {
  const of = (hits: number, bound: ReturnType<typeof atMost>) =>
    shareFigure({ hits, runs: 400 }, { target: 1, what: "", bound });

  it.each([
    ["within its bound", of(2, atMost(0.01)), "holds", "holds"],
    ["beyond it, its interval not", of(6, atMost(0.01)), "open", "fails"],
    ["beyond it with its interval", of(40, atMost(0.01)), "fails", "fails"],
    ["below what is asked, its interval not", of(395, atLeast(0.99)), "open", "fails"],
    ["of nothing", shareFigure({ hits: 0, runs: 0 }, { target: 1, what: "", bound: atMost(1) }), "fails", "fails"],
    ["without a bound", shareFigure({ hits: 9, runs: 9 }, { target: 1, what: "" }), "holds", "holds"],
  ])("%s", (_, figure, quick, full) => {
    expect(standingOf(figure, false)).toBe(quick);
    expect(standingOf(figure, true)).toBe(full);
  });

  it.each([
    ["five", [1, 2, 3, 4, 5], undefined],
    // Of ten values the second and the ninth: one further is out in 2 · 11 ÷ 1024 of all cases.
    ["ten", [10, 9, 8, 7, 6, 5, 4, 3, 2, 1], { low: 2, high: 9 }],
    ["ten, some never", [1, 2, 3, 4, 5, 6, 7, Infinity, Infinity, Infinity], { low: 2, high: Infinity }],
  ])("has an exact interval of its median: %s", (_, values, interval) => {
    expect(medianInterval(values)).toEqual(interval);
  });

  it("has one of many values as well", () => {
    const { low = 0, high = 0 } = medianInterval(Array.from({ length: 4000 }, (_, at) => at)) ?? {};
    expect([low, high].map((end) => Math.round((end - 2000) / Math.sqrt(1000)))).toEqual([-2, 2]);
  });

  it("fails a median only where its interval lies beyond the bound", () => {
    const minutes = [3, 3, 4, 4, 4, 5, 5, 5, 6, 6];
    const of = (than: number) => medianFigure(minutes, { target: 1, what: "", unit: "minutes", bound: atMost(than) });
    expect([5, 4, 2].map((than) => standingOf(of(than), false))).toEqual(["holds", "open", "fails"]);
    expect(standingOf(of(4), true)).toBe("fails");
  });
});
