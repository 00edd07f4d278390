import type { SeasonalPlacebos } from "../core/gate/seasonal.ts";
import { firstCompared } from "../core/latency-memory.ts";
import type { Sha } from "../core/names.ts";
import type { Step } from "../core/plan.ts";
import type { Reading } from "../core/reading.ts";
import {
  judgeSeason,
  thresholdOf,
  unreadSeason,
  waitingSeason,
  type JudgedSeason,
  type SeasonalFacts,
  type SeasonalPolicy,
  type SeasonalStep,
  type ThresholdOf,
} from "../core/season.ts";
import { isSeasonal, seasonalAlpha } from "../core/seasonal-gate.ts";
import type { Member } from "../core/snapshot.ts";
import { seenOf } from "../core/stage.ts";
import type { Metrics, ProviderSettings } from "../ports/metrics.ts";
import { keep, type KeptSeason, type Memory } from "./memory.ts";
import { otherReleases } from "./other-releases.ts";
import type { ConfigReading } from "./readings.ts";
import type { Eyes } from "./scene.ts";
import { factsOf, type Recalled } from "./season-facts.ts";

/** What the past of services is read with; `config` is what goes for members under way. */
export type Recalling = {
  readonly head: Sha;
  readonly git: Pick<Eyes["git"], "history" | "read">;
  readonly readings: Pick<Eyes["readings"], "state">;
  readonly config: Pick<ConfigReading, "metricsFor">;
  readonly metrics: (settings: ProviderSettings) => Metrics;
  readonly memory: Pick<Memory, "seasons">;
};

const MEMBERS_AT_ONCE = 4;
const DAY_MS = 86_400_000;

/** The members with what each metric of them is against its own past; those of which none is configured, or no step is judged by it, as they are. */
export async function withSeasons(
  recalling: Recalling,
  members: readonly Member[],
  now: number,
): Promise<readonly Member[]> {
  const found: Member[] = [];
  for (let index = 0; index < members.length; index += MEMBERS_AT_ONCE) {
    const some = members.slice(index, index + MEMBERS_AT_ONCE);
    // oxlint-disable-next-line no-await-in-loop -- a few at a time is what the providers are asked for
    found.push(...(await Promise.all(some.map((member) => withSeason(recalling, member, now)))));
  }
  return found;
}

async function withSeason(recalling: Recalling, member: Member, now: number): Promise<Member> {
  const { seasonal = [] } = member.policy;
  const running = seasonal.length === 0 ? undefined : runningOf(member);
  if (running === undefined) return member;
  const days = Math.max(...seasonal.map((one) => one.days));
  const { spans: busy, known } = await otherReleases(recalling, member, running.begin - days * DAY_MS);
  const seasons: JudgedSeason[] = [];
  for (const policy of seasonal) {
    const alpha = seasonalAlpha(member.policy, member.plan, policy.name);
    const step = { ...running, busy, alpha };
    // oxlint-disable-next-line no-await-in-loop -- one metric after the other is what a provider is asked for
    seasons.push(await judged(recalling, { member, policy, step, known, now }));
  }
  return { ...member, seasons };
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

async function judged(recalling: Recalling, asked: Asked): Promise<JudgedSeason> {
  const { member, step } = asked;
  const provider = recalling.config.metricsFor(member.target);
  if (provider.kind === "refused") return unread(asked, provider.problems.join("; "));
  const { readings } = recalling.metrics(provider.value);
  if (readings === undefined) return unread(asked, "the provider of these metrics is not asked in PromQL");
  const recalled = recalledOf(asked);
  const key = JSON.stringify([provider.value, { ...recalled.question, to: 0 }, step.begin, step.busy]);
  const kept = recalling.memory.seasons.get(key);
  const facts = await factsOf(readings, recalled, kept?.facts);
  if (facts.kind === "read") keep(recalling.memory.seasons, key, withFacts(kept, facts.value));
  return judgedBy(asked, facts, recalling.memory.seasons.get(key));
}

function unread({ policy, step }: Asked, why: string): JudgedSeason {
  return waitingSeason(policy, step.alpha, { kind: "unread", why });
}

function withFacts(kept: KeptSeason | undefined, facts: SeasonalFacts): KeptSeason {
  return { facts, placebos: kept?.placebos ?? new Map<string, SeasonalPlacebos>() };
}

/** What was read before speaks against a step also while nothing more can be read. */
function judgedBy(asked: Asked, facts: Reading<SeasonalFacts>, kept: KeptSeason | undefined): JudgedSeason {
  const { policy, step } = asked;
  const why = facts.kind === "unavailable" ? facts.reason : "nothing is remembered of it";
  if (kept === undefined) return unread(asked, why);
  const found = judgeSeason(policy, kept.facts, step, remembering(kept, asked));
  return facts.kind === "read" ? found : unreadSeason(found, why);
}

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
