import { describe, expect, it } from "vitest";
import { nameSuffix, poisson, randomOf, templateHash } from "../../../src/sandbox/cluster/random.ts";

const draws = (mean: number) => {
  const random = randomOf("draws");
  return Array.from({ length: 4_000 }, () => poisson(mean, random));
};

const meanOf = (numbers: readonly number[]) => numbers.reduce((sum, one) => sum + one, 0) / numbers.length;

describe("randomOf", () => {
  it("repeats itself for a seed and for no other", () => {
    const first = (seed: string) => Array.from({ length: 5 }, randomOf(seed));
    expect(first("a")).toEqual(first("a"));
    expect(first("a")).not.toEqual(first("b"));
  });

  it("is even over [0, 1)", () => {
    const numbers = Array.from({ length: 10_000 }, randomOf("even"));
    expect(Math.min(...numbers)).toBeGreaterThanOrEqual(0);
    expect(Math.max(...numbers)).toBeLessThan(1);
    expect(meanOf(numbers)).toBeCloseTo(0.5, 1);
  });
});

describe("poisson", () => {
  it.each([0.1, 3, 30, 31, 200])("has mean and variance %d", (mean) => {
    const numbers = draws(mean);
    const variance = meanOf(numbers.map((one) => (one - mean) ** 2));
    // Six standard errors of either; the seed is fixed.
    expect(Math.abs(meanOf(numbers) - mean)).toBeLessThan(6 * Math.sqrt(mean / 4_000));
    expect(Math.abs(variance - mean)).toBeLessThan(6 * Math.sqrt((2 * mean ** 2 + mean) / 4_000));
  });

  it("is 0 where nothing is expected", () => {
    expect(poisson(0, randomOf("zero"))).toBe(0);
  });
});

describe("generated names", () => {
  it.each(["", "a", "b", "a longer template"])("hashes %j to 8 to 10 safe characters", (template) => {
    expect(templateHash(template)).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{8,10}$/);
    expect(templateHash(template)).toBe(templateHash(template));
  });

  it("ends in five safe characters", () => {
    expect(nameSuffix(randomOf("suffix"))).toMatch(/^[bcdfghjklmnpqrstvwxz2456789]{5}$/);
  });
});
