/** ln Γ(x) for x > 0: raised to 15 or more by the recurrence, then Stirling's series (Abramowitz & Stegun 6.1.41). */
export function logGamma(x: number): number {
  let shifted = x;
  let product = 1;
  while (shifted < 15) {
    product *= shifted;
    shifted += 1;
  }
  const inverse = 1 / shifted ** 2;
  const series =
    (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse * (1 / 1188))))) / shifted;
  return (shifted - 0.5) * Math.log(shifted) - shifted + 0.5 * Math.log(2 * Math.PI) + series - Math.log(product);
}

/** ln B(a, b) for a, b > 0. The large parts of the three logarithms cancel on paper, not in floating point. */
export function logBeta(a: number, b: number): number {
  const small = Math.min(a, b);
  const large = Math.max(a, b);
  if (large < 15) return logGamma(a) + logGamma(b) - logGamma(a + b);
  const tail = stirlingTail(large) - stirlingTail(small + large);
  const ratio = small / large;
  const largePart = -(large - 0.5) * Math.log1p(ratio) - small * Math.log(small + large) + small + tail;
  return logGamma(small) + largePart;
}

/** What is left of ln Γ(x) after (x − ½) ln x − x + ½ ln 2π, for x of at least 15. */
function stirlingTail(x: number): number {
  const inverse = 1 / x ** 2;
  return (1 / 12 - inverse * (1 / 360 - inverse * (1 / 1260 - inverse * (1 / 1680 - inverse * (1 / 1188))))) / x;
}

const MOST_TERMS = 100_000;
const TINY = 1e-300;

/** ln of the regularised incomplete beta function I_x(a, b), by its continued fraction (Abramowitz & Stegun 26.5.8, evaluated after Lentz). */
export function logBetaShare(x: number, a: number, b: number): number {
  if (x <= 0) return Number.NEGATIVE_INFINITY;
  if (x >= 1) return 0;
  const logFront = a * Math.log(x) + b * Math.log1p(-x) - logBeta(a, b);
  if (x <= (a + 1) / (a + b + 2)) return logFront - Math.log(a) + Math.log(betaFraction(x, a, b));
  return Math.log1p(-Math.exp(logFront - Math.log(b) + Math.log(betaFraction(1 - x, b, a))));
}

function betaFraction(x: number, a: number, b: number): number {
  let c = 1;
  let d = awayFromZero(1 - ((a + b) * x) / (a + 1));
  let fraction = 1 / d;
  d = fraction;
  for (let m = 1; m <= MOST_TERMS; m += 1) {
    const even = (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m));
    const odd = (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1));
    d = 1 / awayFromZero(1 + even * d);
    c = awayFromZero(1 + even / c);
    fraction *= d * c;
    d = 1 / awayFromZero(1 + odd * d);
    c = awayFromZero(1 + odd / c);
    fraction *= d * c;
    if (Math.abs(d * c - 1) < Number.EPSILON) return fraction;
  }
  return fraction;
}

function awayFromZero(value: number): number {
  return Math.abs(value) < TINY ? TINY : value;
}

/** P(Z ≤ x) of a standard normal number: a series near 0 (Marsaglia 2004), a continued fraction in the tails (Abramowitz & Stegun 26.2.14). */
export function normalCdf(x: number): number {
  const size = Math.abs(x);
  if (size < 5) return 0.5 + Math.sign(x) * density(x) * centralSeries(size);
  const tail = density(x) * tailFraction(size);
  return x < 0 ? tail : 1 - tail;
}

function density(x: number): number {
  return Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);
}

function centralSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let odd = 3; term > sum * 1e-17; odd += 2) {
    term *= (x * x) / odd;
    sum += term;
  }
  return sum;
}

function tailFraction(x: number): number {
  let fraction = x;
  for (let step = 60; step >= 1; step -= 1) fraction = x + step / fraction;
  return 1 / fraction;
}

/** The x with P(Z ≤ x) = p for a standard normal number, 0 < p < 1: bisection, then Newton's steps on the distribution. */
export function normalQuantile(p: number): number {
  if (p > 0.5) return -normalQuantile(1 - p);
  let low = -40;
  let high = 0;
  for (let halving = 0; halving < 60; halving += 1) {
    const middle = (low + high) / 2;
    if (normalCdf(middle) < p) low = middle;
    else high = middle;
  }
  return (low + high) / 2;
}
