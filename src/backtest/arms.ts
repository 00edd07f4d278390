import { together, type Histogram } from "../core/gate/histogram.ts";
import type { Counts, Window } from "../core/window.ts";
import { binomial, chance, digestOf, type Chance } from "./chance.ts";
import type { Moment } from "./history.ts";
import { slowing, type Slowdown } from "./slower.ts";

/** Something that a bad version does: its failures multiplied, a share of its requests failing besides, or answers that take longer. */
export type Regression =
  | { readonly kind: "times"; readonly factor: number }
  | { readonly kind: "plus"; readonly share: number }
  | Slowdown;

/** A window with the counts of both arms, and how long their requests took as far as that is known. */
export type Pair = {
  readonly start: number;
  readonly end: number;
  readonly counts: { readonly canary: Counts; readonly stable: Counts };
  readonly latency?: Latency | undefined;
};

type Latency = { readonly canary?: Histogram; readonly stable?: Histogram };

const NONE: Counts = { requests: 0, failed: 0 };

/**
 * Takes pods of stable, drawn at random for this stretch of time, for a canary with as near to `share` of the pods as whole pods come, at least one.
 * Undefined where fewer than two pods answered. With a larger share the canary keeps its pods, so that evidence goes on; the order of pods is of no account.
 */
export function splitByPods(moments: readonly Moment[], share: number, draw: Draw): readonly Pair[] | undefined {
  const canary = canaryOf(new Set(moments.flatMap(({ pods }) => pods.map(({ pod }) => pod))), share, draw);
  if (canary === undefined) return undefined;
  return moments.map(({ start, end, pods }) => {
    const [ofCanary, ofStable] = [
      pods.filter(({ pod }) => canary.has(pod)),
      pods.filter(({ pod }) => !canary.has(pod)),
    ];
    const latency = latencyOf(allOf(ofCanary), allOf(ofStable));
    return { start, end, counts: { canary: sumOf(ofCanary), stable: sumOf(ofStable) }, latency };
  });
}

/** The pods that are drawn for a canary; undefined where fewer than two are there. */
export function canaryOf(names: ReadonlySet<string>, share: number, draw: Draw): ReadonlySet<string> | undefined {
  if (names.size < 2) return undefined;
  const size = Math.min(names.size - 1, Math.max(1, Math.round(names.size * share)));
  const drawn = [...names].toSorted((a, b) => rankOf(a, draw) - rankOf(b, draw) || (a < b ? -1 : 1));
  return new Set(drawn.slice(0, size));
}

function allOf(pods: Moment["pods"]): Histogram | undefined {
  return together(pods.flatMap(({ latency }) => latency ?? []));
}

function latencyOf(canary: Histogram | undefined, stable: Histogram | undefined): Latency | undefined {
  return canary || stable ? { ...(canary && { canary }), ...(stable && { stable }) } : undefined;
}

/** What a placebo release's pods are drawn by. */
export type Draw = { readonly seed: number; readonly release: number };

function rankOf(pod: string, { seed, release }: Draw): number {
  return chance(seed, release, digestOf(pod))();
}

function sumOf(all: readonly Counts[]): Counts {
  return all.reduce((sum, { requests, failed }) => add(sum, { requests, failed }), NONE);
}

/** A canary of single requests of stable, each drawn with the same probability: what failed together does not stay together. */
export function splitByRequests(moments: readonly Moment[], share: number, random: Chance): readonly Pair[] {
  return moments.map(({ start, end, stable = NONE, latency }) => {
    const canary = drawnFrom(stable, share, random);
    const apart = latency && apartBy(latency, share, random);
    return { start, end, counts: { canary, stable: less(stable, canary) }, latency: apart && latencyOf(...apart) };
  });
}

/** The pairs with a canary of at most `share` of the requests of its window: what it has beyond that goes to stable. */
export function thinnedTo(pairs: readonly Pair[], share: number, random: Chance): readonly Pair[] {
  return pairs.map((pair) => {
    const { canary, stable } = pair.counts;
    const wanted = share * (canary.requests + stable.requests);
    if (canary.requests <= wanted) return pair;
    const kept = drawnFrom(canary, wanted / canary.requests, random);
    const latency = pair.latency && thinnedLatency(pair.latency, wanted / canary.requests, random);
    return { ...pair, counts: { canary: kept, stable: add(stable, less(canary, kept)) }, latency };
  });
}

function thinnedLatency({ canary, stable }: Latency, share: number, random: Chance): Latency | undefined {
  if (canary === undefined) return { ...(stable && { stable }) };
  const [kept, moved] = apartBy(canary, share, random);
  return latencyOf(kept, stable && together([stable, moved]));
}

/** Some of the requests, each with the same probability, and the others. */
function apartBy(all: Histogram, share: number, random: Chance): readonly [some: Histogram, others: Histogram] {
  const some = all.counts.map((count) => binomial(random, count, share));
  const others = all.counts.map((count, at) => count - (some[at] ?? 0));
  return [
    { ...all, counts: some },
    { ...all, counts: others },
  ];
}

/** The pairs with a canary that has a regression, drawn at random by the whole stretch: so many of its good requests fail besides, by the stretch's error rate, or its requests take as much longer. */
export function injected(pairs: readonly Pair[], regression: Regression, random: Chance): readonly Pair[] {
  return regression.kind === "slower" || regression.kind === "tail"
    ? withSlower(pairs, regression, random)
    : withFailures(pairs, regression, random);
}

/** As slow as the bucket bounds of the whole stretch say that requests would be. */
function withSlower(pairs: readonly Pair[], slowdown: Slowdown, random: Chance): readonly Pair[] {
  const all = together(pairs.flatMap(({ latency }) => [latency?.canary ?? [], latency?.stable ?? []].flat()));
  const slow = all && slowing(all, slowdown);
  return pairs.map((pair) => {
    const { canary, stable } = pair.latency ?? {};
    return { ...pair, latency: latencyOf(canary && slow?.(canary, random), stable) };
  });
}

type Failing = Exclude<Regression, Slowdown>;

function withFailures(pairs: readonly Pair[], regression: Failing, random: Chance): readonly Pair[] {
  const all = sumOf(pairs.flatMap(({ counts: { canary, stable } }) => [canary, stable]));
  const more = additionalShare(regression, all.requests === 0 ? 0 : all.failed / all.requests);
  return pairs.map((pair) => {
    const { canary, stable } = pair.counts;
    const failed = canary.failed + binomial(random, canary.requests - canary.failed, more);
    return { ...pair, counts: { canary: { requests: canary.requests, failed }, stable } };
  });
}

/** Which share of the good requests fails besides, where `rate` of all failed before. */
function additionalShare(regression: Failing, rate: number): number {
  if (rate >= 1) return 0;
  const wanted = regression.kind === "times" ? rate * regression.factor : rate + regression.share;
  return (Math.min(1, wanted) - rate) / (1 - rate);
}

function drawnFrom({ requests, failed }: Counts, share: number, random: Chance): Counts {
  const kept = binomial(random, failed, share);
  return { requests: kept + binomial(random, requests - failed, share), failed: kept };
}

function add(a: Counts, b: Counts): Counts {
  return { requests: a.requests + b.requests, failed: a.failed + b.failed };
}

function less(a: Counts, b: Counts): Counts {
  return { requests: a.requests - b.requests, failed: a.failed - b.failed };
}

/** As the gates read them. */
export function windowsIn(pairs: readonly Pair[]): readonly Window[] {
  return pairs.map(({ latency, ...pair }) => ({
    ...pair,
    pods: {},
    ...(latency && { latency: { kind: "read", ...latency } }),
  }));
}
