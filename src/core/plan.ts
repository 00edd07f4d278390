import { blueGreenPlanOf, unswitchable } from "./blue-green.ts";
import type { GateSettings, Parts } from "./gate/settings.ts";
import type { AnalysisSettings } from "./gate/analysis.ts";
import type { GaugePolicy } from "./gauge-memory.ts";
import type { Scoring } from "./gate/kayenta-score.ts";
import type { Slowdowns } from "./gate/latency.ts";
import type { Manifest, Ratio } from "./manifest.ts";
import { scaleThemselves, weighedIn } from "./manifests.ts";
import { nearestShare } from "./ratio.ts";
import { isMirrored, isTested, unruled } from "./ruled.ts";
import { rungsOf, waitsOn } from "./rungs.ts";
import type { CommandRule } from "./permissions.ts";
import type { ReportSource } from "./report.ts";
import type { SeasonalPolicy } from "./season.ts";
import type { TargetState } from "./state.ts";
import { NO_WEIGHT, WHOLE, type Weight } from "./weight.ts";

/** What configuration says about how releases of one target go. Durations are milliseconds. */
export type Policy = {
  /** Its turn among the targets of a service. */
  readonly wave: Wave;
  /** Who is taken back when one member of a release is: that one, or all that are under way. */
  readonly onAbort: "member" | "all";
  /** Canary weights on the way up, rising: from 1 to 50, after a 0 where the canary is watched without traffic first; or 0 and 100, a switch. */
  readonly weights: readonly Weight[];
  /** Before the first of them testers are sent to the canary, and nobody else. */
  readonly testers?: true;
  /** Before those, and before the first of them, copies of so many per cent of the requests are sent to the canary, whose answers nobody gets: a whole number from 1 to 100. */
  readonly mirror?: number;
  readonly bakeMs: number;
  /** Length of a measured window. */
  readonly windowMs: number;
  /** How long after its end a window is closed: scrapes and ingestion must have caught up. */
  readonly settleMs: number;
  /** From the landing of a step: when neither pass nor fail is reached by then, `onDeadline` says what becomes of the member. */
  readonly deadlineMs: number;
  readonly onDeadline: DeadlineOutcome;
  /** How long after a step is live its windows are compared by no gate: caches fill, pods start. */
  readonly warmUpMs: number;
  /** Least time between two merges of steps in one repository. */
  readonly mergeEveryMs: number;
  readonly evidence: EvidenceKind;
  /** Where nothing shows that a change runs: how long after it landed it counts as live. Undefined where it must be seen. */
  readonly assumedAfterMs: number | undefined;
  /** Whose word counts for it instead; undefined where nobody's does. */
  readonly reports: ReportSource | undefined;
  /** How errors are judged; its alpha is for a release and all its gates. */
  readonly gate: GateSettings;
  readonly parts: Parts;
  /**
   * Which slow-downs are tolerated and which a pass excludes, as fractions of a time; undefined where latency is not judged. `isAskedFor`: configuration names it,
   * so that no step goes on without it.
   */
  readonly latency: (Slowdowns & { readonly isAskedFor?: true }) | undefined;
  /** The gauges that canary and stable are compared by, in the order of configuration; absent where there are none. */
  readonly gauges?: readonly GaugePolicy[] | undefined;
  /** What gauges that are judged as Kayenta would must score together; its defaults where absent. */
  readonly scoring?: Scoring | undefined;
  /** What the service as a whole is held against its own past by, in the order of configuration; absent where nothing is. */
  readonly seasonal?: readonly SeasonalPolicy[] | undefined;
  /** The templates that steps are judged by besides, in the order of configuration; absent where there are none. */
  readonly analyses?: readonly AnalysisSettings[] | undefined;
  /** Those that narrow who may do what to the service. */
  readonly rules: readonly CommandRule[];
  readonly secondBump: SecondBump;
  /** Under `batch`: for how long nothing new must have landed before a release starts. */
  readonly gatherMs: number;
  /** The plan of a release whose bump carries this label; undefined where there is none. */
  readonly expedite: Expedite | undefined;
  /** Logins, and teams as `org/slug`, that are mentioned when an abort waits for people. */
  readonly page: readonly string[];
};

/** What becomes of a member that is undecided at its deadline: a person decides, or it is taken back. It never passes. */
export type DeadlineOutcome = "hold" | "abort";

/** What a target's steps are judged on. */
export type EvidenceKind =
  /** The canary's errors against stable's, under the same traffic. */
  | "compare"
  /** No fair comparison: each arm's own error rate against an absolute limit, and its ready pods. */
  | "health"
  /** No traffic is expected: ready pods and time. */
  | "bake";

/** One of the ordered groups of targets that a version reaches one after the other. */
export type Wave = {
  /** From 0. */
  readonly index: number;
  /** How many there are. */
  readonly of: number;
  /** Names of its targets as configuration says them, with `*` for any letters. */
  readonly targets: readonly string[];
};

/** What becomes of a bump while another one's release is under way. */
export type SecondBump =
  /** The release under way ends first, at weight 0. */
  | "supersede"
  /** It waits, and those before it. */
  | "queue"
  /** All that wait start as one release. */
  | "batch";

export type Expedite = Climb & { readonly label: string };

/** What a plan is made from. */
export type Climb = Pick<Policy, "weights" | "testers" | "mirror" | "bakeMs">;

/** What must hold, once the step before is seen live and baked, for a step to be committed. */
export type Judge =
  /** The state before is seen, nothing else. */
  | "seen"
  /** Stable is healthy; there is no fair comparison before the first weight and after the last. */
  | "healthy"
  /** Canary no worse than stable. */
  | "compare"
  /** Stable, now on the new version, healthy and no worse than the canary that was proven before. */
  | "swapped"
  /** The arm that has no traffic yet has its pods ready, and the one that serves is healthy: before a first weight that is watched for, and before all goes back to stable at once. */
  | "ready"
  /** The arm that has all of the traffic, by itself: there is nothing left to compare it with. */
  | "alone"
  /** The canary under testers' requests, by itself, and stable healthy: testers are not everybody, and no fair comparison. */
  | "tested"
  /** The canary under copies of requests, by itself, and stable healthy: a copy comes after the request that it is of, and often under another host's name. */
  | "mirrored";

/** `begin` only says in the state that a release is under way: an Argo Rollout needs no warm-up of ours, and no drain. */
export type StepKind = "begin" | "warmUp" | "mirror" | "testers" | "shift" | "promote" | "drain" | "rest";

export type Step = {
  readonly index: number;
  readonly kind: StepKind;
  /** The canary's weight that this step commits. */
  readonly weight: Weight;
  /** Of how many per cent of the requests it sends copies to the canary; absent where of none. */
  readonly mirror?: number;
  /** The canary's replicas that this step commits; undefined where they are the cluster's to choose. */
  readonly replicas: number | undefined;
  /** The share in per cent, as near to the weight as replicas allow, where replicas are what makes it. */
  readonly nearest?: number;
  /** What must hold before this step is committed. */
  readonly judge: Judge;
  /** How long the step before must have been live. */
  readonly bakeMs: number;
};

export type Plan = { readonly steps: readonly Step[] };

/**
 * The ordered steps of a release: warm-up at weight 0, the weights, promotion under the last weight, weight back to 0, replicas back to 0.
 * Before the first weight copies of requests, whose answers nobody gets, and then testers may be sent to the canary: who meets it are more at every step.
 * From the first weight on there are no copies, and testers go with everybody, so that the arms' traffic is alike.
 * Capacity runs one step ahead of what the canary is sent on the way up and one behind on the way down. With a weight of 0 first, the warm canary is baked before it gets traffic.
 * Where all of the traffic switches, the arm that has it is judged by itself, and the other one by its pods.
 * `stableReplicas` is the most that stable runs (its autoscaler's maximum, else its replicas).
 */
export function planOf(climb: Climb, stableReplicas: number): Plan {
  const { weights, bakeMs } = climb;
  const top = weights.at(-1) ?? NO_WEIGHT;
  const replicas = replicasFor(top, stableReplicas);
  const end = top === WHOLE ? SWITCHED : SHARED;
  const rungs = rungsOf(climb);
  const climbing = rungs.map(({ asked, ...step }, position) => {
    const [before, after] = [rungs[position - 1], rungs[position + 1]];
    const most = Math.max(before?.asked ?? NO_WEIGHT, asked, after?.asked ?? top);
    return { ...step, replicas: replicasFor(most, stableReplicas), ...waitsOn(before?.kind, climb) };
  });
  const steps: readonly Omit<Step, "index">[] = [
    ...climbing,
    { kind: "promote", weight: top, replicas, judge: end.promote, bakeMs },
    { kind: "drain", weight: NO_WEIGHT, replicas, judge: end.drain, bakeMs },
    { kind: "rest", weight: NO_WEIGHT, replicas: 0, ...end.rest(bakeMs) },
  ];
  return { steps: steps.map((step, index) => ({ index, ...step })) };
}

const ALONE = (bakeMs: number) => ({ judge: "alone", bakeMs }) as const;
const HEALTHY = () => ({ judge: "healthy", bakeMs: 0 }) as const;

/** What the steps after the last weight wait for, where it left stable a share, and where it did not: stable has then served nobody on the new version when it gets everybody. */
const SHARED = { promote: "compare", drain: "swapped", rest: HEALTHY } as const;
const SWITCHED = { promote: "alone", drain: "ready", rest: ALONE } as const;

/** The steps as people write them, in words: "mirror 25%", "testers" and weights in per cent. */
export function stepNames({ weights, testers, mirror }: Omit<Climb, "bakeMs">): readonly string[] {
  const names = (of: readonly Weight[]) => of.map((one) => `${one}%`);
  const [none, shares] = [weights.filter((one) => one === NO_WEIGHT), weights.filter((one) => one > NO_WEIGHT)];
  const copied = mirror === undefined ? [] : [`mirror ${mirror}%`];
  return [...names(none), ...copied, ...(testers === true ? ["testers"] : []), ...names(shares)];
}

/** Whether a policy's releases send all of the traffic to the canary at once. */
export function isSwitch({ weights }: Pick<Policy, "weights">): boolean {
  return weights.at(-1) === WHOLE;
}

/** The weights at which both arms have traffic, so that they can be compared. */
export function sharedWeights({ weights }: Pick<Policy, "weights">): readonly Weight[] {
  return weights.filter((share) => share > NO_WEIGHT && share < WHOLE);
}

/** Whether a step's traffic is compared before the next one is committed. */
export function isComparedAt({ steps }: Plan, index: number): boolean {
  return steps[index]?.kind === "shift" && steps[index + 1]?.judge === "compare";
}

/** What decides the step that follows on what runs now. */
export function judgedOn({ at, plan, policy }: Following): EvidenceKind {
  const step = plan.steps[(at.release?.step ?? -1) + 1];
  return step === undefined ? policy.evidence : evidenceOf(step, policy);
}

type Following = {
  readonly at: Pick<TargetState, "release">;
  readonly plan: Plan;
  readonly policy: Pick<Policy, "evidence">;
};

/** Why no plan can be made of steps, a clause; undefined where one can. */
export function unplannable(
  policy: Pick<Policy, "weights" | "testers" | "mirror" | "expedite">,
  { manifests }: Pick<TargetState, "manifests">,
  manifest: Pick<Manifest, "testers" | "mirror" | "blueGreen" | "flagger">,
): string | undefined {
  const { weights, expedite } = policy;
  const edge = [...weights, ...(expedite?.weights ?? [])].find((one) => one === NO_WEIGHT || one === WHOLE);
  if (scaleThemselves(manifests) && edge !== undefined)
    return `steps have ${edge}, and the canary behind the route in ${weighedIn(manifests)} has as many pods as requests ask for, none without: let its steps go from 1 up to 50 (in services or waves of the configuration)`;
  if (manifests.layout !== "rollout") return unruled(policy, weighedIn(manifests), manifest);
  if (manifest.blueGreen === true) return unswitchable(policy, manifests.rollout);
  const found = isMirrored(policy) ? "a mirror" : isTested(policy) ? "testers" : edge;
  if (found === undefined) return undefined;
  if (manifest.flagger !== undefined)
    return `steps have ${found}, and the Canary in ${manifests.rollout} has its pods at weight 0 before any weight, and comes to 100 by its promotion alone: let its steps go from 1 up to 50 (in services or waves of the configuration)`;
  return `steps have ${found}, and the Rollout in ${manifests.rollout} has no pods at weight 0 and comes to 100 by its promotion alone: let its steps go from 1 up to 50 (in services or waves of the configuration)`;
}

/** What a step is judged on: where no arms can be compared, by what one of them can be judged by. */
export function evidenceOf({ judge }: Pick<Step, "judge">, { evidence }: Pick<Policy, "evidence">): EvidenceKind {
  return isOfOneArm(judge) && evidence === "compare" ? "health" : evidence;
}

/** Whether one arm is judged by itself, whatever else could be compared. */
export function isOfOneArm(judge: Judge): boolean {
  return judge === "alone" || judge === "tested" || judge === "mirrored";
}

/**
 * The ordered steps of a release of an Argo Rollout: its beginning at weight 0, the weights, promotion by letting the steps run out to 100, and rest as soon as that is seen.
 * What runs out is the cluster's; replicas are too. It has no pods at weight 0 to watch, and no switch of ours (`unplannable`). `ratio` is set where replicas make the share.
 */
export function rolloutPlanOf({ weights, bakeMs }: Climb, ratio?: Ratio): Plan {
  const shifts = sharedWeights({ weights }).map((share, position) => ({
    kind: "shift" as const,
    weight: share,
    judge: position === 0 ? ("healthy" as const) : ("compare" as const),
    bakeMs: position === 0 ? 0 : bakeMs,
    ...(ratio && { nearest: nearestShare(share, ratio) }),
  }));
  const steps: readonly Omit<Step, "index" | "replicas">[] = [
    { kind: "begin", weight: NO_WEIGHT, judge: "seen", bakeMs: 0 },
    ...shifts,
    { kind: "promote", weight: WHOLE, judge: "compare", bakeMs },
    { kind: "rest", weight: NO_WEIGHT, judge: "seen", bakeMs: 0 },
  ];
  return { steps: steps.map((step, index) => ({ index, replicas: undefined, ...step })) };
}

/** The plan of a member, by how it is driven. */
export function planFor(
  policy: Climb,
  { manifests }: Pick<TargetState, "manifests">,
  { stable, ratio, blueGreen }: Pick<Manifest, "stable" | "ratio" | "blueGreen">,
): Plan {
  if (blueGreen === true) return blueGreenPlanOf(policy);
  if (manifests.layout === "rollout") return rolloutPlanOf(policy, ratio);
  const plan = planOf(policy, stable.replicas);
  return scaleThemselves(manifests) ? withoutCapacity(plan) : plan;
}

function withoutCapacity({ steps }: Plan): Plan {
  return { steps: steps.map((step) => ({ ...step, replicas: undefined })) };
}

/** Whether a step is one of those on the way up, where a weight that was changed by hand may belong; a promotion that no weight goes before is. */
export function climbs({ kind, judge }: Pick<Step, "kind" | "judge">): boolean {
  return kind === "promote" ? judge === "ready" : kind !== "drain" && kind !== "rest";
}

/** Replicas that carry `share` of what `stableReplicas` carry whole, never fewer than one while there is a share to carry. */
export function replicasFor(share: number, stableReplicas: number): number {
  return Math.max(1, Math.ceil((stableReplicas * share) / WHOLE));
}
