import { placebosIn } from "../core/gate/calibration.ts";
import type { Window } from "../core/window.ts";
import { injected, splitByPods, splitByRequests, thinnedTo, windowsIn, type Pair, type Regression } from "./arms.ts";
import { chance } from "./chance.ts";
import { stretches, type Moment } from "./history.ts";
import type { Shape } from "./shape.ts";

/** How placebo releases are made of the past. */
export type Arms =
  /** Pods of stable against the others. */
  | { readonly kind: "pods" }
  /** Both arms of past releases while they ran one version: real arms, and few of them. */
  | { readonly kind: "twins" }
  /** Only times are known: of what identical arms do nothing is. */
  | { readonly kind: "none"; readonly why: string };

/** A placebo release, its windows by step; `release` is its number, `since` when it begins (milliseconds). */
export type Placebo = {
  readonly release: number;
  readonly since: number;
  readonly steps: readonly (readonly Pair[])[];
};

/** Releases cut from a quiet past, each step's canary made of whole pods; none where they cannot be told apart. */
export function placebosByPods(quiet: readonly Moment[], shape: Shape, seed: number): readonly Placebo[] {
  return stretches(quiet, lengthOf(shape)).flatMap((moments, release) => {
    const steps = shape.weights.map((weight, index) =>
      splitByPods(stepIn(moments, index, shape), weight, { seed, release }),
    );
    const known = steps.filter((step) => step !== undefined);
    return known.length === steps.length ? [{ release, since: sinceOf(moments), steps: known }] : [];
  });
}

/** Releases put together from windows in which both arms of real ones ran one version. */
export function placebosOfTwins(moments: readonly Moment[], shape: Shape): readonly (readonly Window[])[] {
  return placebosIn(
    moments.flatMap(({ twins }) => twins ?? []),
    lengthOf(shape),
  );
}

/** As placebos by pods, but of single requests: nothing in them clusters, so they say nothing of identical releases. */
export function releasesByRequests(quiet: readonly Moment[], shape: Shape, seed: number): readonly Placebo[] {
  return stretches(quiet, lengthOf(shape)).map((moments, release) => ({
    release,
    since: sinceOf(moments),
    steps: shape.weights.map((weight, index) =>
      splitByRequests(stepIn(moments, index, shape), weight, chance(seed, release, index, REQUESTS)),
    ),
  }));
}

/** When a stretch begins, milliseconds. */
export function sinceOf([first]: readonly Moment[]): number {
  return first?.start ?? 0;
}

/** The windows of a placebo release as they were. */
export function asTheyWere({ steps }: Placebo): readonly (readonly Window[])[] {
  return steps.map(windowsIn);
}

/** A placebo release with no more traffic to the canary than its weights say. */
export function weighed<One extends Placebo>(placebo: One, { weights }: Pick<Shape, "weights">, seed: number): One {
  const { release, steps } = placebo;
  const thinned = steps.map((pairs, index) =>
    thinnedTo(pairs, weights[index] ?? 0, chance(seed, release, index, THINNED)),
  );
  return { ...placebo, steps: thinned };
}

/** The windows of a placebo release with a regression, if any. */
export function withRegression(
  { release, steps }: Placebo,
  regression: Regression | undefined,
  seed: number,
): readonly (readonly Window[])[] {
  return steps.map((pairs, index) =>
    windowsIn(regression === undefined ? pairs : injected(pairs, regression, chance(seed, release, index, INJECTED))),
  );
}

/** How much of the requests the canaries of the placebo releases had, by step. */
export function sharesOf(placebos: readonly Placebo[], { weights }: Shape): readonly number[] {
  return weights.map((_, index) => {
    const pairs = placebos.flatMap(({ steps }) => steps[index] ?? []);
    const canary = pairs.reduce((sum, { counts }) => sum + counts.canary.requests, 0);
    const stable = pairs.reduce((sum, { counts }) => sum + counts.stable.requests, 0);
    return canary + stable === 0 ? 0 : canary / (canary + stable);
  });
}

/** Windows of a release that passes every step as soon as its bake is over. */
export function lengthOf({ weights, bakeWindows }: Shape): number {
  return weights.length * bakeWindows;
}

// Streams of chance that must not be the same.
const [REQUESTS, THINNED, INJECTED] = [101, 102, 103];

/** The windows of one step of a release that takes so long as its bakes, without its warm-up. */
export function stepIn(
  moments: readonly Moment[],
  index: number,
  { bakeWindows, warmUpWindows }: Shape,
): readonly Moment[] {
  return moments.slice(index * bakeWindows + Math.min(warmUpWindows, bakeWindows - 1), (index + 1) * bakeWindows);
}
