import { current } from "./gate/drift.ts";
import {
  judgeGauge,
  type GaugeJudgement,
  type GaugeSettings,
  type GaugeVerdict,
  type GaugeWait,
} from "./gate/gauge.ts";
import { placebosNeeded } from "./gate/placebo.ts";
import { driftIn, gaugesBefore, gaugeWindows, type GaugeMemory, type GaugePolicy } from "./gauge-memory.ts";
import { kayentaReason, kayentaRuling, type KayentaRuling } from "./kayenta-gate.ts";
import type { Compared } from "./gates.ts";
import type { Window } from "./window.ts";

/** What the gauges say of a step, all of them together: a person leaves all out or none. */
export type GaugesRuling = {
  readonly gate: "gauges";
  readonly judgement: {
    readonly verdict: GaugesVerdict;
    /** In the order of configuration, without those that Kayenta's judge is asked about. */
    readonly gauges: readonly JudgedGauge[];
    readonly kayenta?: KayentaRuling | undefined;
  };
};

/** `agrees`: none speaks against the step, which passes nothing by itself: gauges say nothing of requests. `advise`: none has a threshold. */
export type GaugesVerdict = { readonly kind: "block" | "wait" | "agrees" | "advise" };

/** One gauge. */
export type JudgedGauge = Pick<GaugePolicy, "name" | "worse" | "regression"> & {
  readonly verdict:
    | Exclude<GaugeVerdict, { readonly kind: "wait" }>
    | { readonly kind: "wait"; readonly reason: GaugeWait | Unread }
    /** It would only advise, and cannot. */
    | { readonly kind: "unread"; readonly why: string };
  /** Mean ratio, canary to stable; undefined where nothing was compared. */
  readonly ratio: number | undefined;
  /** Where the drift stands, and the highest that it has been; undefined where nothing was compared. */
  readonly drift: { readonly now: number; readonly peak: number } | undefined;
  /** What the drift blocks above, and the gauge's share of the release's alpha; undefined where it only advises. */
  readonly bar: { readonly threshold: number; readonly alpha: number } | undefined;
};

type Unread = { readonly kind: "unread"; readonly why: string };

/** Judges each configured gauge by the steps before and the running one. `alphaOf`: the share of a gauge that is calibrated. */
export function gaugesRuling(
  compared: Compared,
  gauges: readonly GaugePolicy[],
  alphaOf: (gauge: GaugePolicy) => number,
): GaugesRuling {
  const { member, release, running } = compared;
  const timeline = member.timeline.kind === "read" ? member.timeline.value : [];
  const before = gaugesBefore(member, release, timeline);
  const ours = gauges.filter(({ kayenta }) => kayenta === undefined);
  const ruling = gaugesJudged({ before, running, alpha: member.policy.gate.alpha }, ours, alphaOf);
  return withKayenta(ruling, kayentaRuling(compared, gauges));
}

/** The ruling with what Kayenta's judge says of the gauges that are its own. */
export function withKayenta(ruling: GaugesRuling, kayenta: KayentaRuling | undefined): GaugesRuling {
  const { gauges } = ruling.judgement;
  if (kayenta === undefined) return ruling;
  return { ...ruling, judgement: { verdict: verdictOf(gauges, kayenta), gauges, kayenta } };
}

/** What gauges are judged by: how far each had drifted before the running step, its closed windows, oldest first, and the whole alpha of the release. */
export type GaugesAsked = Pick<Compared, "running"> & { readonly before: GaugeMemory; readonly alpha: number };

/** The same by what is known of the steps before. */
export function gaugesJudged(
  { before, running, alpha }: GaugesAsked,
  gauges: readonly GaugePolicy[],
  alphaOf: (gauge: GaugePolicy) => number,
): GaugesRuling {
  const needed = placebosNeeded(alpha);
  const judged = gauges.map((gauge) => {
    const settings = settingsOf(gauge, needed);
    const found = judgeGauge(driftIn(before, gauge.name), gaugeWindows(running, gauge.name), settings);
    return judgedOf(gauge, alphaOf(gauge), found, unreadIn(running, gauge.name));
  });
  return { gate: "gauges", judgement: { verdict: verdictOf(judged), gauges: judged } };
}

/** Why a canary is taken back by the gauges. */
export function gaugesReason({ judgement: { gauges, kayenta } }: GaugesRuling): string {
  const blocking = gauges.filter(({ verdict }) => verdict.kind === "block");
  const said = blocking.map(({ name, worse }) => `the canary's ${name} is ${worse} than stable's`);
  const scored = kayenta?.verdict.kind === "block" ? [kayentaReason(kayenta)] : [];
  return [...said, ...scored].join(", and ");
}

/** What the calibrated gauges of a member are called among those who share alpha. */
export function budgetedGauges(
  gauges: readonly GaugePolicy[] = [],
): readonly { readonly metric: string; readonly part: number }[] {
  return gauges.flatMap(({ name, part, calibration }) =>
    calibration === undefined ? [] : [{ metric: budgetName(name), part }],
  );
}

/** No gate of another kind has a colon in its name. */
export function budgetName(gauge: string): string {
  return `gauge:${gauge}`;
}

function settingsOf({ worse, regression, calibration }: GaugePolicy, needed: number): GaugeSettings {
  return {
    worse,
    regression,
    calibration:
      calibration === undefined ? { kind: "tooFew", placebos: 0, needed } : { kind: "calibrated", ...calibration },
  };
}

function judgedOf(
  { name, worse, regression, calibration }: GaugePolicy,
  alpha: number,
  { verdict, evidence, ratio }: GaugeJudgement,
  unread: string | undefined,
): JudgedGauge {
  return {
    name,
    worse,
    regression,
    verdict: unread === undefined || verdict.kind === "block" ? verdict : unreadVerdict(verdict, unread),
    ratio,
    drift: evidence.count === 0 ? undefined : { now: current(evidence), peak: evidence.peak },
    bar: calibration === undefined ? undefined : { threshold: calibration.threshold, alpha },
  };
}

/** Who only advises holds nothing up. */
function unreadVerdict({ kind }: GaugeVerdict, why: string): JudgedGauge["verdict"] {
  return kind === "advise" ? { kind: "unread", why } : { kind: "wait", reason: { kind: "unread", why } };
}

/** Why the latest window's value could not be read; a provider that does not tell gauges tells none of them. */
function unreadIn(running: readonly Window[], name: string): string | undefined {
  const last = running.at(-1);
  if (last === undefined) return undefined;
  const gauge = last.gauges?.[name];
  if (gauge === undefined) return NOT_TOLD;
  return gauge.kind === "unread" ? gauge.reason : undefined;
}

const NOT_TOLD = "the provider of these metrics is not asked in PromQL";

function verdictOf(judged: readonly JudgedGauge[], kayenta?: KayentaRuling): GaugesVerdict {
  const all = [...judged.map(({ verdict }) => verdict.kind), ...(kayenta === undefined ? [] : [kayenta.verdict.kind])];
  const kinds = new Set(all);
  if (kinds.has("block")) return { kind: "block" };
  if (kinds.has("wait")) return { kind: "wait" };
  return { kind: kinds.has("pass") ? "agrees" : "advise" };
}
