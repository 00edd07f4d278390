/** A source of numbers in [0, 1), the same sequence for the same seed. */
export type Random = () => number;

// Above it a Poisson number is drawn as a sum of smaller ones: exp(-mean) must not vanish.
const CHUNK = 30;
// Kubernetes' alphabet for generated names.
const SAFE = "bcdfghjklmnpqrstvwxz2456789";

/** A seeded generator (mulberry32); sequences of different seeds are unrelated. */
export function randomOf(seed: string): Random {
  let state = hashOf(seed);
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** How many events happen where `mean` are expected (Poisson; Knuth's product of uniforms). */
export function poisson(mean: number, random: Random): number {
  let count = 0;
  let rest = mean;
  for (; rest > CHUNK; rest -= CHUNK) count += smallPoisson(CHUNK, random);
  return count + smallPoisson(rest, random);
}

/** A 32-bit hash of a text (FNV-1a). */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (const byte of Buffer.from(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash;
}

/** The hash of a pod template as Kubernetes writes it into names: 8 to 10 characters of the safe alphabet. */
export function templateHash(template: string): string {
  const digits = String(hashOf(template)).padStart(8, "0");
  return digits.replace(/./g, (digit) => SAFE.charAt(digit.charCodeAt(0) % SAFE.length));
}

/** The five random characters at the end of a pod's name. */
export function nameSuffix(random: Random): string {
  return Array.from({ length: 5 }, () => SAFE[Math.floor(random() * SAFE.length)]).join("");
}

function smallPoisson(mean: number, random: Random): number {
  const limit = Math.exp(-mean);
  let product = random();
  let count = 0;
  while (product > limit) {
    product *= random();
    count += 1;
  }
  return count;
}
