import { backtest as monthly, type Backtest as Monthly } from "../core/gate/placebo.ts";
import type { Excluded } from "../core/gate/calibration.ts";
import type { GateSettings } from "../core/gate/settings.ts";
import { assessed, climbWindows, stepWindows, type Assessment, type Field } from "./assess.ts";
import { concernsOf, type Concern } from "./concerns.ts";
import { mostPods, quietOnly, releasesIn, type Moment } from "./history.ts";
import { blocksOf, identicalOf, type Blocks, type Identical } from "./identical.ts";
import { gaugesFound, type GaugeFound, type GaugePlan } from "./gauges.ts";
import { latencyFound, timingOf, type Cut, type LatencyFound } from "./latency.ts";
import { plainOf, type Plain } from "./plain.ts";
import {
  asTheyWere,
  placebosByPods,
  placebosOfTwins,
  releasesByRequests,
  sharesOf,
  type Arms,
  type Placebo,
} from "./placebos.ts";
import type { Climb } from "./propose.ts";
import { proposalFor, type LatencyAdvice } from "./proposal.ts";
import type { Shape } from "./shape.ts";
import type { LatencyPlan } from "./timing.ts";

/** A service's past and how its releases are judged. `releasesPerMonth` is what the past shows unless it is said. */
export type Question = {
  readonly moments: readonly Moment[];
  /** Besides real releases, what is left out. */
  readonly excluded: readonly Excluded[];
  readonly shape: Shape;
  /** Of errors, with their share of alpha. */
  readonly settings: GateSettings;
  /** How releases are judged by latency besides; absent where they are not. */
  readonly latency?: LatencyPlan | undefined;
  /** The gauges that they are compared by, in the order of configuration; absent where there are none. */
  readonly gauges?: readonly GaugePlan[] | undefined;
  readonly seed: number;
  readonly releasesPerMonth: number | undefined;
  /** Why pods cannot be told apart at all, where that is known. */
  readonly podless: string | undefined;
};

export type Past = {
  /** Milliseconds. */
  readonly from: number;
  readonly to: number;
  readonly windowMs: number;
  readonly windows: number;
  /** Windows in which requests to stable were counted, and those of them that are left out. */
  readonly measured: number;
  readonly leftOut: number;
  readonly releases: number;
  /** Requests to stable a minute, and the share of them that failed, in what is not left out. */
  readonly perMinute: number;
  readonly failing: number;
};

/** Everything that a back-test says; finite numbers only. */
export type Backtest = {
  readonly past: Past;
  readonly shape: Shape;
  readonly arms: Arms;
  /** Share of the requests that canaries of whole pods had, by step. */
  readonly shares: readonly number[];
  /** Most pods that answered in one window. */
  readonly pods: number;
  /** Of identical releases, without what is left out; undefined where nothing is known of identical arms. */
  readonly identical: Identical | undefined;
  /** The same with nothing left out. */
  readonly everything: Blocks | undefined;
  readonly releasesPerMonth: number;
  readonly month: Monthly | undefined;
  readonly latency: LatencyFound;
  /** In the order of configuration. */
  readonly gauges: readonly GaugeFound[];
  /** How long steps, and whole releases, were looked at; milliseconds. */
  readonly lookedForMs: { readonly step: number; readonly release: number };
  readonly configured: Assessment;
  readonly plain: Plain | undefined;
  readonly climb: Climb | undefined;
  /** What is proposed for the latency gate; undefined where nothing is. */
  readonly latencyAdvice: LatencyAdvice | undefined;
  /** With all that is proposed; undefined where nothing is. */
  readonly proposed: Assessment | undefined;
  readonly concerns: readonly Concern[];
};

/** What is taken where the past shows no release. */
const USUAL_RELEASES = 20;
const MONTH_MS = 30 * 86_400_000;

/** Plays releases over a service's past. The same question has the same answer. */
export function backtestOf(question: Question): Backtest {
  const { moments, excluded, shape, seed } = question;
  const quiet = quietOnly(moments, excluded);
  const placebos = placebosByPods(quiet, shape, seed);
  const arms = armsOf(placebos.length, question);
  const timed = timingOf(question.latency, moments, arms);
  const timing = typeof timed === "string" ? undefined : timed;
  const settings = timed === "none" ? alone(question) : question.settings;
  const field: Field = { quiet, shape, seed, by: arms.kind === "pods" ? "pods" : "requests", timing };
  const cuts = cutsOf(question, placebos, arms);
  const identical = identicalIn(question, cuts, { arms, settings });
  const past = pastOf(moments, quiet, shape);
  const releasesPerMonth = question.releasesPerMonth ?? seenPerMonth(past);
  const latency: LatencyFound =
    typeof timed === "string"
      ? { kind: timed }
      : { kind: "judged", ...latencyFound(timed, cuts, { settings, perMonth: releasesPerMonth, quiet }) };
  const configured = assessed(field, settings);
  const proposal = proposalFor(field, { configured, identical, latency, rate: past.failing });
  const releases = arms.kind === "pods" ? placebos : releasesByRequests(quiet, shape, seed);
  const found = {
    past,
    shape,
    arms,
    shares: sharesOf(placebos, shape),
    pods: mostPods(quiet),
    identical,
    everything: arms.kind === "pods" ? everythingIn(question, settings) : undefined,
    releasesPerMonth,
    month: identical && monthly(identical.blocked, identical.of, releasesPerMonth),
    latency,
    gauges: gaugesFound(question.gauges ?? [], quiet, { shape, seed }),
    lookedForMs: { step: stepWindows(field) * shape.windowMs, release: climbWindows(field) * shape.windowMs },
    configured,
    plain: plainOf(releases, shape, { seed, alpha: settings.alpha }),
    ...proposal,
  };
  return { ...found, concerns: concernsOf(found) };
}

/** Errors have all that latency does not take where there was nothing to judge latency by. */
function alone({ settings, latency }: Question): GateSettings {
  return { ...settings, alpha: latency?.alone ?? settings.alpha };
}

function armsOf(placebos: number, { moments, shape, podless }: Question): Arms {
  if (placebos > 0) return { kind: "pods" };
  if (placebosOfTwins(moments, shape).length > 0) return { kind: "twins" };
  const isSingle = moments.some(({ pods }) => pods.length === 1) && moments.every(({ pods }) => pods.length < 2);
  if (podless !== undefined) return { kind: "none", why: podless };
  return { kind: "none", why: isSingle ? SINGLE : UNTOLD };
}

const SINGLE = "stable has one pod only, and nothing to hold it against";
const UNTOLD = "no stretch of the past is as long as a release and tells pods of stable apart";

/** Releases of nothing new; undefined where nothing is known of identical arms. */
function cutsOf({ moments, shape }: Question, placebos: readonly Placebo[], arms: Arms): readonly Cut[] | undefined {
  if (arms.kind === "none") return undefined;
  if (arms.kind === "pods") return placebos.map((one) => ({ since: one.since, steps: asTheyWere(one) }));
  return placebosOfTwins(moments, shape).map((windows) => ({ since: windows[0]?.start ?? 0, steps: [windows] }));
}

function identicalIn(
  { moments }: Question,
  cuts: readonly Cut[] | undefined,
  { arms, settings }: { readonly arms: Arms; readonly settings: GateSettings },
): Identical | undefined {
  if (cuts === undefined) return undefined;
  const releases = cuts.map(({ steps }) => steps);
  const history = arms.kind === "twins" ? moments.flatMap((moment) => moment.twins ?? []) : releases.flat(2);
  return identicalOf(releases, history, settings);
}

/** With real releases and what is excluded inside: what people would meet who leave nothing out. */
function everythingIn({ moments, shape, seed }: Question, settings: GateSettings): Blocks {
  return blocksOf(placebosByPods(moments, shape, seed).map(asTheyWere), settings);
}

function pastOf(moments: readonly Moment[], quiet: readonly Moment[], { windowMs }: Shape): Past {
  const measured = (all: readonly Moment[]) => all.filter(({ stable }) => stable !== undefined);
  const of = measured(quiet);
  const requests = of.reduce((sum, { stable }) => sum + (stable?.requests ?? 0), 0);
  const failed = of.reduce((sum, { stable }) => sum + (stable?.failed ?? 0), 0);
  const minutes = (of.length * windowMs) / 60_000;
  return {
    from: moments[0]?.start ?? 0,
    to: moments.at(-1)?.end ?? 0,
    windowMs,
    windows: moments.length,
    measured: measured(moments).length,
    leftOut: measured(moments).length - of.length,
    releases: releasesIn(moments),
    perMinute: minutes === 0 ? 0 : requests / minutes,
    failing: requests === 0 ? 0 : failed / requests,
  };
}

function seenPerMonth({ from, to, releases }: Past): number {
  return releases === 0 || to === from ? USUAL_RELEASES : (releases * MONTH_MS) / (to - from);
}
