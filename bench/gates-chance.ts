import type { Chance } from "../src/backtest/chance.ts";
import { logFactorial } from "../src/core/gate/poisson.ts";

/** A standard normal number (Box and Muller). */
export function normal(random: Chance): number {
  return Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
}

/** The next value of a stationary autoregressive series of order one. */
export function autoregressive(last: number, memory: number, deviation: number, random: Chance): number {
  return memory * last + deviation * Math.sqrt(1 - memory ** 2) * normal(random);
}

/** A geometric number from 1 on, of that mean. */
export function geometric(random: Chance, mean: number): number {
  return 1 + Math.floor(Math.log(1 - random()) / Math.log1p(-1 / mean));
}

/** A Poisson number, exact: by products of uniform ones where the mean is small, else by transformed rejection (Hörmann 1993, PTRS). */
export function poisson(random: Chance, mean: number): number {
  if (mean < 10) return smallPoisson(random, mean);
  const b = 0.931 + 2.53 * Math.sqrt(mean);
  const a = -0.059 + 0.02483 * b;
  const squeeze = 0.9277 - 3.6224 / (b - 2);
  const logScale = Math.log(1.1239 + 1.1328 / (b - 3.4));
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const edge = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / edge + b) * u + mean + 0.43);
    if (edge >= 0.07 && v <= squeeze) return count;
    if (count < 0 || (edge < 0.013 && v > edge)) continue;
    const bound = count * Math.log(mean) - mean - logFactorial(count);
    if (Math.log(v) + logScale - Math.log(a / edge ** 2 + b) <= bound) return count;
  }
}

function smallPoisson(random: Chance, mean: number): number {
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > end; product *= random()) count += 1;
  return count;
}
