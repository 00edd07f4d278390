import { bisect } from "./bisect.ts";
import { requestsIn, type Histogram } from "./histogram.ts";
import { logBetaBinomialMixture } from "./always-valid.ts";

/** A quantile of a histogram as far as it is known: between two bounds of buckets, at every look together. `high` is +∞ where so few requests cannot say. */
export type KnownQuantile = { readonly quantile: number; readonly low: number; readonly high: number };

/** What a band of quantiles promises: all of them, at every look from `least` requests on, but for a probability of `alpha`. */
export type BandSettings = { readonly alpha: number; readonly least: number };

/**
 * Where quantiles lie, for display: no gate rests on it, since a band is blind to small shares and knows no tolerance. Two bounds with half of `alpha` each:
 * one is narrower in the tails, and both hold together. Rounded outwards to bounds of buckets, as no more is known. `even` is the reach of the wider one, which
 * takes long to find.
 */
export function knownQuantiles(
  histogram: Histogram,
  quantiles: readonly number[],
  { alpha, least }: BandSettings,
  even = bandReach({ alpha: alpha / 2, least }),
): readonly KnownQuantile[] {
  const requests = requestsIn(histogram);
  if (requests < least) return quantiles.map((quantile) => ({ quantile, low: 0, high: Number.POSITIVE_INFINITY }));
  const widest = even(requests);
  return quantiles.map((quantile) => {
    const reach = (share: number) => Math.min(widest, stitchedReach(share, requests, { alpha: alpha / 2, least }));
    const [from, to] = [quantile - reach(1 - quantile), quantile + reach(quantile)];
    return { quantile, low: lowerBoundAt(histogram, from), high: upperBoundAt(histogram, to) };
  });
}

/** Least factor of the law of the iterated logarithm that the constant is searched for; any above √½ is valid, this one is the paper's. */
const FACTOR = 0.85;

/**
 * How far the observed distribution of so many requests ever lies from the true one, anywhere, from `least` requests on:
 * 0.85 √((ln(1 + ln(n ÷ least)) + C) ÷ n) (Howard & Ramdas 2022, theorem 2).
 */
export function bandReach({ alpha, least }: BandSettings): (requests: number) => number {
  const constant = bandConstant(alpha);
  return (requests) => FACTOR * Math.sqrt((Math.log1p(Math.log(requests / least)) + constant) / requests);
}

/** The C of that band: the least at which the best of the bounds on its error is `alpha`. */
export function bandConstant(alpha: number): number {
  return bisect((constant) => leastError(constant) > alpha, 1, 1000);
}

function leastError(constant: number): number {
  const overshoot = (growth: number) => Math.sqrt(growth / 2) + Math.sqrt((2 * (growth - 1)) / constant) - FACTOR;
  const most = 1 + bisect((beyond) => overshoot(1 + beyond) < 0, 1e-12, 2 * FACTOR ** 2 - 1);
  const error = (growth: number) => bandError(constant, growth);
  return error(lowestPoint(error, 1, most));
}

/** What epochs that grow by `growth` promise of the band with that constant. */
function bandError(constant: number, growth: number): number {
  const squared = (2 / growth) * (FACTOR - Math.sqrt((2 * (growth - 1)) / constant)) ** 2;
  if (squared <= 1) return Number.POSITIVE_INFINITY;
  return 4 * Math.exp(-squared * constant) * (1 + 1 / ((squared - 1) * Math.log(growth)));
}

/** How far times grow from epoch to epoch, the spacing of quantiles in logits at the first of them, and how fast the error falls from one to the next. */
const STITCH = { growth: 2, spacing: 0.5, decay: 1.4 };

/**
 * How much more than `share` of the observed requests ever lie below the true `share` quantile, at any of them and any time (Howard & Ramdas 2022, theorem 3:
 * boundaries stitched over epochs and over a grid of quantiles). Narrower in the tails, where a share varies less.
 */
export function stitchedReach(share: number, requests: number, { alpha, least }: BandSettings): number {
  const { growth, spacing, decay } = STITCH;
  const epochs = Math.max(requests, least) / least;
  const next = expit(logit(share) + 2 * spacing * Math.sqrt(growth / epochs));
  const widest = share >= 0.5 ? share : Math.min(0.5, next);
  const variance = widest * (1 - widest) * Math.max(requests, least);
  const row = 1 + (Math.sqrt(epochs) * Math.abs(logit(share))) / (2 * spacing);
  const lines = 2 * ZETA * (2 * ZETA + 1);
  const loss =
    decay * (Math.log(Math.log(growth * epochs)) + Math.log(row)) +
    Math.log(lines / (alpha * Math.log(growth) ** decay));
  const skew = ((Math.sqrt(growth) + 1) / 2) * ((1 - 2 * share) / 3) * loss;
  const curved = (growth ** 0.25 + growth ** -0.25) ** 2 / 2;
  const offGrid = spacing * Math.sqrt((growth * variance) / least);
  return (offGrid + Math.sqrt(curved * variance * loss + skew ** 2) + skew) / requests;
}

const ZETA = zeta(STITCH.decay);

/** Riemann's ζ(s) for s > 1, by Euler and Maclaurin from the twentieth term on. */
function zeta(s: number): number {
  const from = 20;
  const head = Array.from({ length: from - 1 }, (_, index) => (index + 1) ** -s).reduce((sum, term) => sum + term, 0);
  const slope = (s * from ** (-s - 1)) / 12;
  const third = (s * (s + 1) * (s + 2) * from ** (-s - 3)) / 720;
  const fifth = (s * (s + 1) * (s + 2) * (s + 3) * (s + 4) * from ** (-s - 5)) / 30_240;
  return head + from ** (1 - s) / (s - 1) + from ** -s / 2 + slope - third + fifth;
}

/** Which quantile two arms are compared at, and at how many requests that is tightest. */
export type QuantileTest = { readonly quantile: number; readonly tightAt: number };

/**
 * p-value, valid at every look, against "both arms have the same quantile" (Howard & Ramdas 2022, section 4): no time is likely enough to be it in both. Of
 * histograms with equal bounds; what is unknown inside a bucket speaks for equality.
 */
export function quantileChance(canary: Histogram, stable: Histogram, test: QuantileTest): number {
  const [one, other] = [logMisfits(canary, test), logMisfits(stable, test)];
  const least = one.reduce(
    (lowest, misfit, at) => Math.min(lowest, misfit + (other[at] ?? 0)),
    Number.POSITIVE_INFINITY,
  );
  return Math.min(1, Math.exp(-least));
}

/** Per bucket, the log of what speaks against the quantile lying in it, at the point of the bucket where least does. */
function logMisfits(histogram: Histogram, { quantile, tightAt }: QuantileTest): readonly number[] {
  const requests = requestsIn(histogram);
  const variance = quantile * (1 - quantile);
  const tuning = { sides: "two", variance: variance * tightAt, alpha: 0.05 } as const;
  const points = { below: quantile, above: 1 - quantile };
  const misfit = (share: number) =>
    logBetaBinomialMixture((share - quantile) * requests, variance * requests, points, tuning);
  const best = lowestPoint(misfit, 0, 1);
  let below = 0;
  return histogram.counts.map((count) => {
    const from = below / requests;
    below += count;
    return misfit(Math.min(below / requests, Math.max(from, best)));
  });
}

const GOLDEN = (Math.sqrt(5) - 1) / 2;
const NARROWINGS = 80;

/** Where a function that falls and then rises is lowest, by golden section. */
function lowestPoint(of: (point: number) => number, low: number, high: number): number {
  let [from, to] = [low, high];
  for (let narrowing = 0; narrowing < NARROWINGS; narrowing += 1) {
    const [left, right] = [to - GOLDEN * (to - from), from + GOLDEN * (to - from)];
    if (of(left) <= of(right)) to = right;
    else from = left;
  }
  return (from + to) / 2;
}

function lowerBoundAt({ bounds, counts }: Histogram, share: number): number {
  const at = bucketAt(counts, share);
  return share <= 0 || at === 0 ? 0 : (bounds[at - 1] ?? 0);
}

function upperBoundAt({ bounds, counts }: Histogram, share: number): number {
  return share >= 1 ? Number.POSITIVE_INFINITY : (bounds[bucketAt(counts, share)] ?? Number.POSITIVE_INFINITY);
}

/** The first bucket up to whose end at least that share of the requests lies. */
function bucketAt(counts: readonly number[], share: number): number {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0);
  let below = 0;
  return counts.findIndex((count) => {
    below += count;
    return below >= wanted && below > 0;
  });
}

function logit(share: number): number {
  return Math.log(share / (1 - share));
}

function expit(value: number): number {
  return 1 / (1 + Math.exp(-value));
}
