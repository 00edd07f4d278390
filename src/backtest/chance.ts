import { logFactorial } from "../core/gate/poisson.ts";

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

/** A whole number below 2³² that stands for a text (FNV-1a). */
export function digestOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193) >>> 0;
  return hash;
}

/** How many of `trials` succeed, each with a probability of `share`; exact: by inversion where few are expected, else by transformed rejection (Hörmann 1993, BTRS). */
export function binomial(random: Chance, trials: number, share: number): number {
  if (trials === 0 || share <= 0) return 0;
  if (share >= 1) return trials;
  if (share > 0.5) return trials - binomial(random, trials, 1 - share);
  return trials * share < 10 ? smallBinomial(random, trials, share) : largeBinomial(random, trials, share);
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
