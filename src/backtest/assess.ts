import type { GateSettings } from "../core/gate/settings.ts";
import { splitByPods, splitByRequests, type Regression } from "./arms.ts";
import { chance } from "./chance.ts";
import { stretches, type Moment } from "./history.ts";
import { asWeighed, lengthOf, type Placebo } from "./placebos.ts";
import type { Shape } from "./shape.ts";
import { climbed, type End } from "./trial.ts";

/** Regressions that a back-test plays, by what people call them. */
export const REGRESSIONS = {
  x2: { kind: "times", factor: 2 },
  x5: { kind: "times", factor: 5 },
  x10: { kind: "times", factor: 10 },
  "+5 points": { kind: "plus", share: 0.05 },
} as const satisfies Readonly<Record<string, Regression>>;
export type RegressionName = keyof typeof REGRESSIONS;
export const REGRESSION_NAMES: readonly RegressionName[] = ["x2", "x5", "x10", "+5 points"];

/** How `of` releases, or steps, ended: what is held was undecided at a deadline. */
export type Ends = {
  readonly of: number;
  readonly blocked: number;
  readonly passed: number;
  readonly held: number;
  /** Until half, and nine tenths, of all had passed; undefined where so many never did. Milliseconds. */
  readonly passMs: { readonly half: number | undefined; readonly most: number | undefined };
  /** Until half of those that were blocked were. */
  readonly blockMs: number | undefined;
};

/** How good ones end, and those with each regression. */
export type Outlook = {
  readonly good: Ends;
  readonly bad: readonly ({ readonly regression: RegressionName } & Ends)[];
};

/** Steps at one weight, a share of 1, each by itself. */
export type StepOutlook = Outlook & { readonly weight: number };

/** What the gate does with some settings: to whole releases, and to steps at each weight. */
export type Assessment = {
  readonly settings: GateSettings;
  readonly climbs: Outlook;
  readonly steps: readonly StepOutlook[];
};

/** A quiet past, how releases go, and what all chance follows from. */
export type Field = {
  readonly quiet: readonly Moment[];
  readonly shape: Shape;
  readonly seed: number;
  /** Whether a canary is made of whole pods, or of single requests, where nothing better is known. */
  readonly by: "pods" | "requests";
};

/** As many releases, and steps of a weight, are played; more would say little more. */
const MOST_STEPS = 60;
const LEAST_STEPS = 20;

/** How long a step is looked at: up to its deadline, or less where the past would hold too few such steps. Windows. */
export function stepWindows({ quiet, shape }: Pick<Field, "quiet" | "shape">): number {
  return Math.min(shape.deadlineWindows, Math.max(2 * shape.bakeWindows, Math.floor(quiet.length / LEAST_STEPS)));
}

/** The same for a whole release. */
export function climbWindows({ quiet, shape }: Pick<Field, "quiet" | "shape">): number {
  const steps = shape.weights.length;
  return Math.min(steps * shape.deadlineWindows, Math.max(2 * lengthOf(shape), Math.floor(quiet.length / LEAST_STEPS)));
}

/** What the gate does with these settings. */
export function assessed(field: Field, settings: GateSettings): Assessment {
  const steps = field.shape.weights.map((weight) => outlookAt(weight, field, settings));
  return { settings, climbs: climbsOf(field, settings), steps };
}

/** How whole releases end, as the gate lets them climb. */
function climbsOf(field: Field, settings: GateSettings): Outlook {
  const played = { weights: field.shape.weights, field, settings };
  return outlookOf(tracksOf(climbWindows(field), played), played);
}

/** How steps at one weight end; every step by itself, without what the ones before have shown. */
function outlookAt(weight: number, field: Field, settings: GateSettings): StepOutlook {
  const played = { weights: [weight], field, settings };
  return { weight, ...outlookOf(tracksOf(stepWindows(field), played), played) };
}

/** How good steps at one weight end. */
export function goodAt(weight: number, field: Field, settings: GateSettings): Ends {
  const played = { weights: [weight], field, settings };
  return endsOf(tracksOf(stepWindows(field), played), played, undefined);
}

type Played = { readonly weights: readonly number[]; readonly field: Field; readonly settings: GateSettings };

function outlookOf(tracks: readonly Placebo[], played: Played): Outlook {
  const bad = REGRESSION_NAMES.map((regression) => ({
    regression,
    ...endsOf(tracks, played, REGRESSIONS[regression]),
  }));
  return { good: endsOf(tracks, played, undefined), bad };
}

/** Stretches of the past, spread over all of it, each split for every weight from its beginning to its end. */
function tracksOf(windows: number, { weights, field }: Played): readonly Placebo[] {
  const places = stretches(field.quiet, windows);
  const every = Math.max(1, Math.ceil(places.length / MOST_STEPS));
  const chosen = places.filter((_, index) => index % every === 0);
  return chosen.flatMap((moments, release) => {
    const steps = weights.map((weight, index) =>
      field.by === "pods"
        ? splitByPods(moments, weight, { seed: field.seed, release })
        : splitByRequests(moments, weight, chance(field.seed, release, index)),
    );
    const known = steps.filter((step) => step !== undefined);
    return known.length === steps.length ? [{ release, steps: known }] : [];
  });
}

function endsOf(
  tracks: readonly Placebo[],
  { weights, field, settings }: Played,
  regression: Regression | undefined,
): Ends {
  const { shape, seed } = field;
  const ends = tracks.map((one) => climbed(asWeighed(one, { weights }, { regression, seed }), shape, settings));
  const of = (kind: End["kind"]) => ends.filter((end) => end.kind === kind).map(({ windows }) => windows);
  const [blocked, passed, held] = [of("blocked"), of("passed"), of("held")];
  return {
    of: ends.length,
    blocked: blocked.length,
    passed: passed.length,
    held: held.length,
    passMs: {
      half: timeOf(quantile(passed, 0.5, ends.length), shape),
      most: timeOf(quantile(passed, 0.9, ends.length), shape),
    },
    blockMs: timeOf(quantile(blocked, 0.5, blocked.length), shape),
  };
}

/** What a share `q` of `of` values is at most, of which only some are known: the others are larger. */
function quantile(known: readonly number[], q: number, of: number): number | undefined {
  return known.toSorted((a, b) => a - b)[Math.max(0, Math.ceil(q * of) - 1)];
}

function timeOf(windows: number | undefined, { windowMs }: Shape): number | undefined {
  return windows === undefined ? undefined : windows * windowMs;
}
