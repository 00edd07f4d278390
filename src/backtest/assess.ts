import type { GateSettings } from "../core/gate/settings.ts";
import { PAST_WINDOWS } from "../core/latency-memory.ts";
import { splitByPods, splitByRequests, type Regression } from "./arms.ts";
import { chance } from "./chance.ts";
import { stretches, type Moment } from "./history.ts";
import type { Judging } from "./judges.ts";
import { lengthOf, sinceOf, weighed, withRegression, type Placebo } from "./placebos.ts";
import type { Shape } from "./shape.ts";
import { edgesBefore, judgingBy, latencySettings, type Timing } from "./timing.ts";
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

/** Slow-downs of a canary's answers that are played where releases are judged by latency. */
export const SLOWDOWNS = {
  "x1.25 slower": { kind: "slower", factor: 1.25 },
  "x1.5 slower": { kind: "slower", factor: 1.5 },
  "x2 slower": { kind: "slower", factor: 2 },
  "2% +1 s": { kind: "tail", share: 0.02, byMs: 1000 },
} as const satisfies Readonly<Record<string, Regression>>;
export type SlowdownName = keyof typeof SLOWDOWNS;
export const SLOWDOWN_NAMES: readonly SlowdownName[] = ["x1.25 slower", "x1.5 slower", "x2 slower", "2% +1 s"];

type AnyName = RegressionName | SlowdownName;

const ALL: Readonly<Record<AnyName, Regression>> = { ...REGRESSIONS, ...SLOWDOWNS };

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
  readonly bad: readonly ({ readonly regression: RegressionName | SlowdownName } & Ends)[];
};

/** Steps at one weight, a share of 1, each by itself. */
export type StepOutlook = Outlook & { readonly weight: number };

/** What gates do with some settings: all of them to whole releases, and each by itself to steps at each weight. */
export type Assessment = {
  readonly settings: GateSettings;
  readonly climbs: Outlook;
  /** By errors. */
  readonly steps: readonly StepOutlook[];
  /** By latency; absent where that is not played. */
  readonly latency?: readonly StepOutlook[] | undefined;
};

/** A quiet past, how releases go, and what all chance follows from. */
export type Field = {
  readonly quiet: readonly Moment[];
  readonly shape: Shape;
  readonly seed: number;
  /** Whether a canary is made of whole pods, or of single requests, where nothing better is known. */
  readonly by: "pods" | "requests";
  /** How releases are judged by latency; absent where they are not, or it cannot be played. */
  readonly timing?: Timing | undefined;
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

/** What the gates do with these settings. */
export function assessed(field: Field, settings: GateSettings): Assessment {
  const { shape, timing } = field;
  const of = (by: StepGate) => shape.weights.map((weight) => outlookAt(weight, { field, settings, by }));
  const latency = timing === undefined ? {} : { latency: of("latency") };
  return { settings, climbs: climbsOf(field, settings), steps: of("errors"), ...latency };
}

type StepGate = "errors" | "latency";

/** How whole releases end, as all gates let them climb. */
function climbsOf(field: Field, settings: GateSettings): Outlook {
  const played = { weights: field.shape.weights, field, settings, by: "all" } as const;
  const names = field.timing === undefined ? REGRESSION_NAMES : [...REGRESSION_NAMES, ...SLOWDOWN_NAMES];
  return outlookOf(tracksOf(climbWindows(field), played), played, names);
}

/** How steps at one weight end; every step by itself, without what the ones before have shown. */
function outlookAt(weight: number, { field, settings, by }: Omit<Played, "weights">): StepOutlook {
  const played = { weights: [weight], field, settings, by };
  const names = by === "latency" ? SLOWDOWN_NAMES : REGRESSION_NAMES;
  return { weight, ...outlookOf(tracksOf(stepWindows(field), played), played, names) };
}

/** How good steps at one weight end, by all gates. */
export function goodAt(weight: number, field: Field, settings: GateSettings): Ends {
  const played = { weights: [weight], field, settings, by: "all" } as const;
  return endsOf(tracksOf(stepWindows(field), played), played, undefined);
}

type Played = {
  readonly weights: readonly number[];
  readonly field: Field;
  readonly settings: GateSettings;
  /** Which gates judge. */
  readonly by: StepGate | "all";
};

/** A release that is played, and what judges it. */
type Track = Placebo & { readonly judging: Judging };

function outlookOf(tracks: readonly Track[], played: Played, names: readonly AnyName[]): Outlook {
  const bad = names.map((regression) => ({ regression, ...endsOf(tracks, played, ALL[regression]) }));
  return { good: endsOf(tracks, played, undefined), bad };
}

/** Stretches of the past, spread over all of it, each split for every weight from its beginning to its end. */
function tracksOf(windows: number, played: Played): readonly Track[] {
  const { weights, field } = played;
  const places = stretches(field.quiet, windows).filter((moments) => hasPast(sinceOf(moments), field));
  const every = Math.max(1, Math.ceil(places.length / MOST_STEPS));
  const chosen = places.filter((_, index) => index % every === 0);
  return chosen.flatMap((moments, release) => {
    const steps = weights.map((weight, index) =>
      field.by === "pods"
        ? splitByPods(moments, weight, { seed: field.seed, release })
        : splitByRequests(moments, weight, chance(field.seed, release, index)),
    );
    const known = steps.filter((step) => step !== undefined);
    const judging = judgingOf(sinceOf(moments), played);
    if (known.length < steps.length || judging === undefined) return [];
    return [weighed({ release, since: sinceOf(moments), steps: known, judging }, { weights }, field.seed)];
  });
}

/** Whether a release that begins then has a time before it that says what is slow: there was one, as far as the past goes back. */
function hasPast(since: number, { timing, shape }: Field): boolean {
  return timing === undefined || since >= sinceOf(timing.moments) + PAST_WINDOWS * shape.windowMs;
}

/** What judges a release that begins then; undefined where the gate that is asked about does not. */
function judgingOf(since: number, { field: { timing }, settings, by }: Played): Judging | undefined {
  if (by === "errors" || timing === undefined) return { errors: settings };
  const edges = edgesBefore(timing, since);
  if (by === "all") return judgingBy(settings, timing, edges);
  return edges === undefined ? undefined : { latency: latencySettings(settings, timing, edges) };
}

function endsOf(tracks: readonly Track[], { field }: Played, regression: Regression | undefined): Ends {
  const { shape, seed } = field;
  const ends = tracks.map((one) => climbed(withRegression(one, regression, seed), shape, one.judging));
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
