import { logFactorial } from "../src/core/gate/poisson.ts";

/** A number in [0, 1), the next one at each call. */
export type Chance = () => number;

/** Numbers that follow from the seeds alone (sfc32, seeded by mixing them in turn). */
export function chance(...seeds: readonly number[]): Chance {
  const state = new Uint32Array([0x9e3779b9, 0x243f6a88, 0xb7e15162, 1]);
  const next = () => {
    const [a = 0, b = 0, c = 0, counter = 0] = state;
    const mixed = (a + b + counter) >>> 0;
    state[3] = counter + 1;
    state[0] = b ^ (b >>> 9);
    state[1] = c + (c << 3);
    state[2] = ((c << 21) | (c >>> 11)) + mixed;
    return mixed;
  };
  for (const seed of seeds) {
    state[0] = (state[0] ?? 0) ^ Math.imul(seed + 1, 0x85ebca6b);
    for (let turn = 0; turn < 12; turn += 1) next();
  }
  return () => next() / 2 ** 32;
}

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

/** A binomial number, exact: by inversion where few are expected, else by transformed rejection (Hörmann 1993, BTRS). */
export function binomial(random: Chance, trials: number, share: number): number {
  if (trials === 0 || share <= 0) return 0;
  if (share >= 1) return trials;
  if (share > 0.5) return trials - binomial(random, trials, 1 - share);
  return trials * share < 10 ? smallBinomial(random, trials, share) : largeBinomial(random, trials, share);
}

function smallPoisson(random: Chance, mean: number): number {
  const end = Math.exp(-mean);
  let count = 0;
  for (let product = random(); product > end; product *= random()) count += 1;
  return count;
}

function smallBinomial(random: Chance, trials: number, share: number): number {
  const odds = share / (1 - share);
  let left = random();
  let probability = Math.exp(trials * Math.log1p(-share));
  let count = 0;
  while (left > probability && count < trials) {
    left -= probability;
    count += 1;
    probability *= ((trials - count + 1) / count) * odds;
  }
  return count;
}

function largeBinomial(random: Chance, trials: number, share: number): number {
  const deviation = Math.sqrt(trials * share * (1 - share));
  const b = 1.15 + 2.53 * deviation;
  const a = -0.0873 + 0.0248 * b + 0.01 * share;
  const squeeze = 0.92 - 4.2 / b;
  const scale = (2.83 + 5.1 / b) * deviation;
  const mode = Math.floor((trials + 1) * share);
  const atMode = logFactorial(mode) + logFactorial(trials - mode);
  for (;;) {
    const u = random() - 0.5;
    const v = random();
    const edge = 0.5 - Math.abs(u);
    const count = Math.floor(((2 * a) / edge + b) * u + trials * share + 0.5);
    if (edge >= 0.07 && v <= squeeze) return count;
    if (count < 0 || count > trials) continue;
    const bound =
      atMode - logFactorial(count) - logFactorial(trials - count) + (count - mode) * Math.log(share / (1 - share));
    if (Math.log((v * scale) / (a / edge ** 2 + b)) <= bound) return count;
  }
}
