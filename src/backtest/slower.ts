import { survival, type Histogram } from "../core/gate/histogram.ts";
import { binomial, type Chance } from "./chance.ts";

/** Requests that take so many times as long, or a share of them that takes so much longer (milliseconds). */
export type Slowdown =
  | { readonly kind: "slower"; readonly factor: number }
  | { readonly kind: "tail"; readonly share: number; readonly byMs: number };

/** Slows the requests of a histogram down; undefined where its bounds are not those that were asked about. */
export type Slow = (histogram: Histogram, random: Chance) => Histogram | undefined;

/**
 * How histograms with the bounds of `all` look where requests are slowed down. Where inside a bucket requests lie is taken from `all`, as `survival` reads it
 * (its logarithm falls evenly); each request is drawn for itself, so that whole requests stay whole. What is above every bound stays there.
 */
export function slowing(all: Histogram, slowdown: Slowdown): Slow {
  const beyond = all.bounds.map((_, from) => all.bounds.map((__, to) => chanceBeyond(all, from, to, slowdown)));
  const share = slowdown.kind === "tail" ? slowdown.share : 1;
  return (histogram, random) => {
    const isSame = histogram.bounds.every((bound, at) => bound === all.bounds[at]);
    if (!isSame || histogram.bounds.length !== all.bounds.length) return undefined;
    const counts = histogram.counts.map(() => 0);
    for (const [from, count] of histogram.counts.entries()) {
      const moved = binomial(random, count, share);
      counts[from] = (counts[from] ?? 0) + count - moved;
      spread(moved, { from, beyond: beyond[from] ?? [], counts, random });
    }
    return { ...histogram, counts };
  };
}

type Spreading = {
  readonly from: number;
  /** Of a request of that bucket, the probability to be above each bound. */
  readonly beyond: readonly number[];
  readonly counts: number[];
  readonly random: Chance;
};

/** Draws bucket by bucket which requests come no farther. */
function spread(moved: number, { from, beyond, counts, random }: Spreading): void {
  let left = moved;
  let reached = 1;
  for (let to = from; to < counts.length && left > 0; to += 1) {
    const next = beyond[to] ?? 0;
    const farther = reached <= 0 || to === counts.length - 1 ? 0 : binomial(random, left, Math.min(1, next / reached));
    counts[to] = (counts[to] ?? 0) + left - farther;
    left = farther;
    reached = next;
  }
}

/** Of a request in the bucket `from`, the probability to take longer than the bound of the bucket `to` once it is slowed down. */
function chanceBeyond(all: Histogram, from: number, to: number, slowdown: Slowdown): number {
  const [lower, upper, bound] = [all.bounds[from - 1] ?? 0, all.bounds[from] ?? 0, all.bounds[to] ?? 0];
  if (upper === Number.POSITIVE_INFINITY || to < from) return to < from ? 1 : 0;
  const before = slowdown.kind === "slower" ? bound / slowdown.factor : bound - slowdown.byMs;
  if (before <= lower) return 1;
  if (before >= upper) return 0;
  const [above, inside, at] = [survival(all, upper), survival(all, lower), survival(all, before)];
  return inside > above ? (at - above) / (inside - above) : (upper - before) / (upper - lower);
}
