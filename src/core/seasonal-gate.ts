import type { GateName } from "./gate/settings.ts";
import { alphasOf } from "./gates.ts";
import type { Plan, Policy, Step } from "./plan.ts";
import { seasonalBudget, waitingSeason, type JudgedSeason } from "./season.ts";
import type { Member } from "./snapshot.ts";

/** What the service as a whole says of a step, by its own past; all metrics together: a person leaves all out or none. */
export type SeasonalRuling = {
  readonly gate: "seasonal";
  readonly judgement: {
    readonly verdict: SeasonalGateVerdict;
    /** In the order of configuration; at least one. */
    readonly metrics: readonly JudgedSeason[];
  };
};

/** `agrees`: nothing is unusual for its time, which passes nothing. `advise`: no metric has a threshold. */
export type SeasonalGateVerdict = { readonly kind: "block" | "wait" | "agrees" | "advise" };

/** What all configured metrics say of the step that runs; undefined where none is configured, or `next` does not follow on them. */
export function seasonalRuling(
  { policy, plan, seasons = [] }: Pick<Member, "policy" | "plan" | "seasons">,
  next: Step,
): SeasonalRuling | undefined {
  const { seasonal = [] } = policy;
  if (seasonal.length === 0 || !isSeasonal(next)) return undefined;
  const metrics = seasonal.map((one) => {
    const alpha = seasonalAlpha(policy, plan, one.name);
    return seasons.find(({ name }) => name === one.name) ?? waitingSeason(one, alpha, { kind: "notLive" });
  });
  return { gate: "seasonal", judgement: { verdict: verdictOf(metrics), metrics } };
}

/** Why a release is taken back. */
export function seasonalReason({ judgement: { metrics } }: SeasonalRuling): string {
  const blocking = metrics.filter(({ verdict }) => verdict.kind === "block");
  const said = blocking.map(({ name, worse }) => `the service's ${name} went ${worse} than is usual at this time`);
  return said.join(", and ");
}

type Judged =
  | { readonly kind: "pass" }
  | { readonly kind: "wait" }
  | { readonly kind: "fail"; readonly reason: string };

/** A step's verdict beside what is usual: what is unusual fails it, what is missing keeps it waiting, and nothing of it is ever a pass. */
export function besideSeason(verdict: Judged, ruling: SeasonalRuling, skipped: readonly GateName[]): Judged {
  if (verdict.kind === "fail" || skipped.includes(ruling.gate)) return verdict;
  const { kind } = ruling.judgement.verdict;
  if (kind === "block") return { kind: "fail", reason: seasonalReason(ruling) };
  return kind === "wait" ? { kind } : verdict;
}

function verdictOf(metrics: readonly JudgedSeason[]): SeasonalGateVerdict {
  const kinds = new Set(metrics.map(({ verdict }) => verdict.kind));
  if (kinds.has("block")) return { kind: "block" };
  if (kinds.has("wait")) return { kind: "wait" };
  return { kind: kinds.has("usual") ? "agrees" : "advise" };
}

/**
 * A metric's share of the release's alpha in one step: each step is a stretch of its own, so the share is divided over all that are judged. Latency's part
 * counts wherever it may be judged, so that the share is known before the release begins.
 */
export function seasonalAlpha(policy: Policy, { steps }: Plan, metric: string): number {
  const shares =
    policy.evidence === "compare" ? alphasOf(policy, policy.latency !== undefined) : uncomparedShares(policy);
  return (shares.get(seasonalBudget(metric)) ?? 0) / Math.max(1, steps.filter(isSeasonal).length);
}

/** What of a release's alpha is left for errors where nothing is compared with stable. */
export function alphaBesideSeasons(policy: Policy): number {
  return uncomparedShares(policy).get("errors") ?? policy.gate.alpha;
}

/** Neither latency nor gauges are judged where nothing is compared. */
function uncomparedShares(policy: Policy): ReadonlyMap<string, number> {
  return alphasOf({ ...policy, gauges: [] }, false);
}

/** Whether a step follows on what the service as a whole is judged by: what runs under the weights, and stable on the new version. */
export function isSeasonal({ judge }: Pick<Step, "judge">): boolean {
  return judge === "compare" || judge === "swapped" || judge === "alone";
}
