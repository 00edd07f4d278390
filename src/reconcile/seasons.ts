import type { Reading as Sample, SeasonalPlacebos } from "../core/gate/seasonal.ts";
import { firstCompared } from "../core/latency-memory.ts";
import type { Sha } from "../core/names.ts";
import type { Step } from "../core/plan.ts";
import { unavailable, type Reading } from "../core/reading.ts";
import {
  judgeSeason,
  thresholdOf,
  unreadSeason,
  waitingSeason,
  type JudgedSeason,
  type SeasonalPolicy,
  type SeasonalStep,
  type ThresholdOf,
} from "../core/season.ts";
import { isSeasonal, seasonalAlpha } from "../core/seasonal-gate.ts";
import type { Member } from "../core/snapshot.ts";
import { seenOf } from "../core/stage.ts";
import type { Metrics, ProviderSettings, ReadingsQuestion } from "../ports/metrics.ts";
import { keep, type KeptSeason, type Memory } from "./memory.ts";
import { otherReleases } from "./other-releases.ts";
import type { ConfigReading } from "./readings.ts";
import type { Eyes } from "./scene.ts";
import { factsWith, lackingOf, type Recalled } from "./season-facts.ts";

/** What the past of services is read with; `config` is what goes for members under way. */
export type Recalling = {
  readonly head: Sha;
  readonly git: Pick<Eyes["git"], "history" | "read">;
  readonly readings: Pick<Eyes["readings"], "state">;
  readonly config: Pick<ConfigReading, "metricsFor">;
  readonly metrics: (settings: ProviderSettings) => Metrics;
  readonly memory: Pick<Memory, "seasons">;
};

const DAY_MS = 86_400_000;

/** The members with what each metric of them is against its own past; those of which none is configured, or no step is judged by it, as they are. What one provider is asked for it is asked together. */
export async function withSeasons(
  recalling: Recalling,
  members: readonly Member[],
  now: number,
): Promise<readonly Member[]> {
  const asked = await Promise.all(members.map((member) => askedOf(recalling, member, now)));
  const due = asked.flat().map((one) => dueOf(recalling, one));
  const told = await toldOf(recalling, due);
  const judged = new Map(due.map((one) => [one.asked, judgedBy(recalling, one, told.get(one))]));
  return members.map((member, place) => {
    const seasons = (asked[place] ?? []).flatMap((one) => judged.get(one) ?? []);
    return seasons.length === 0 ? member : { ...member, seasons };
  });
}

/** What is asked of a member, a metric each; nothing where no step of it is judged. */
async function askedOf(recalling: Recalling, member: Member, now: number): Promise<readonly Asked[]> {
  const { seasonal = [] } = member.policy;
  const running = seasonal.length === 0 ? undefined : runningOf(member);
  if (running === undefined) return [];
  const days = Math.max(...seasonal.map((one) => one.days));
  const { spans: busy, known } = await otherReleases(recalling, member, running.begin - days * DAY_MS);
  return seasonal.map((policy) => {
    const alpha = seasonalAlpha(member.policy, member.plan, policy.name);
    return { member, policy, step: { ...running, busy, alpha }, known, now };
  });
}

/** The running step where it is judged by what is usual: seen live, under a weight or with stable on the new version. */
function runningOf(member: Member): Omit<SeasonalStep, "busy" | "alpha"> | undefined {
  const next = nextOf(member);
  const first = firstCompared(member);
  const begin = first === undefined ? undefined : member.landings.get(first);
  if (next === undefined || begin === undefined) return undefined;
  const seen = seenOf(member);
  if (seen.kind !== "live") return undefined;
  return { since: seen.since, begin, bakeMs: next.bakeMs, warmUpMs: member.policy.warmUpMs };
}

function nextOf({ at: { release }, plan }: Member): Step | undefined {
  if (release === undefined || release.aborting !== undefined) return undefined;
  const next = plan.steps[release.step + 1];
  return next !== undefined && isSeasonal(next) ? next : undefined;
}

/** `known`: since when git tells of releases, milliseconds. */
type Asked = {
  readonly member: Member;
  readonly policy: SeasonalPolicy;
  readonly step: SeasonalStep;
  readonly known: number;
  readonly now: number;
};

/** Whom a metric is asked of, by which key it is remembered, and what is still to be asked. */
type Ready = {
  readonly kind: "ready";
  readonly asked: Asked;
  readonly provider: ProviderSettings;
  readonly key: string;
  readonly recalled: Recalled;
  readonly lacking: ReadingsQuestion | undefined;
};

type Due = Ready | { readonly kind: "refused"; readonly asked: Asked; readonly why: string };

function dueOf({ config, memory }: Recalling, asked: Asked): Due {
  const provider = config.metricsFor(asked.member.target);
  if (provider.kind === "refused") return { asked, kind: "refused", why: provider.problems.join("; ") };
  const { begin, busy } = asked.step;
  const recalled = recalledOf(asked);
  const key = JSON.stringify([provider.value, { ...recalled.question, to: 0 }, begin, busy]);
  const lacking = lackingOf(recalled, memory.seasons.get(key)?.facts);
  return { asked, kind: "ready", provider: provider.value, key, recalled, lacking };
}

type Told = Reading<readonly Sample[]>;

/** What is still to be asked, of each provider in one go. */
async function toldOf({ metrics }: Recalling, due: readonly Due[]): Promise<ReadonlyMap<Due, Told>> {
  const asking = due.flatMap((one) =>
    one.kind === "ready" && one.lacking !== undefined ? [{ one, provider: one.provider, question: one.lacking }] : [],
  );
  const told = new Map<Due, Told>();
  const providers = Map.groupBy(asking, ({ provider }) => JSON.stringify(provider));
  await Promise.all(
    [...providers.values()].map(async (ofProvider) => {
      const [first] = ofProvider;
      const readings = first && metrics(first.provider).readings;
      const answers = await readings?.(ofProvider.map(({ question }) => question));
      ofProvider.forEach(({ one }, index) =>
        told.set(one, answers === undefined ? NO_PROMQL : (answers[index] ?? unavailable(NOT_TOLD))),
      );
    }),
  );
  return told;
}

function unread({ policy, step }: Asked, why: string): JudgedSeason {
  return waitingSeason(policy, step.alpha, { kind: "unread", why });
}

/** What was read before speaks against a step also while nothing more can be read. */
function judgedBy(recalling: Recalling, due: Due, told: Told | undefined): JudgedSeason {
  const { asked } = due;
  if (due.kind === "refused") return unread(asked, due.why);
  const why = told?.kind === "unavailable" ? told.reason : undefined;
  const kept = knownAfter(recalling, due, told);
  if (kept === undefined) return unread(asked, why ?? NOT_TOLD);
  const found = judgeSeason(asked.policy, kept.facts, asked.step, remembering(kept, asked));
  return why === undefined ? found : unreadSeason(found, why);
}

/** What is known with what has been told now, and is kept; undefined while nothing is. */
function knownAfter({ memory: { seasons } }: Recalling, due: Ready, told: Told | undefined): KeptSeason | undefined {
  if (told?.kind !== "read") return seasons.get(due.key);
  const isWhole = due.lacking?.from === due.recalled.question.from;
  const before = isWhole ? undefined : seasons.get(due.key);
  const placebos = before?.placebos ?? new Map<string, SeasonalPlacebos>();
  const kept = { facts: factsWith(due.recalled, before?.facts, told.value), placebos };
  keep(seasons, due.key, kept);
  return kept;
}

const NO_PROMQL: Told = unavailable("the provider of these metrics is not asked in PromQL");
const NOT_TOLD = "the provider did not answer this question";

/** Looks ask for the same stretches again and again. */
function remembering({ facts, placebos }: KeptSeason, { policy, step }: Asked): ThresholdOf {
  const reckon = thresholdOf(facts, policy, step.alpha);
  return (lengthMs, gapMs) => {
    const key = JSON.stringify([lengthMs, gapMs, step.alpha]);
    const found = placebos.get(key) ?? reckon(lengthMs, gapMs);
    keep(placebos, key, found);
    return found;
  };
}

function recalledOf({ member, policy, step, known, now }: Asked): Recalled {
  const { state, at, manifest, policy: usual } = member;
  const { everyMs, days, measure, asked } = policy;
  const question = {
    service: state.service,
    namespace: at.namespace,
    arms: at.arms,
    workloads: { canary: manifest.canary.deployment, stable: manifest.stable.deployment },
    asked,
    from: floorTo(Math.max(step.begin - days * DAY_MS, known), everyMs),
    to: floorTo(now - usual.settleMs, everyMs),
    everyMs,
  };
  return { question, begin: step.begin, busy: step.busy, measure };
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
