import type { GateSettings } from "./gate/settings.ts";
import type { CommandRule } from "./permissions.ts";
import { NO_WEIGHT, weight as toWeight, type Weight } from "./weight.ts";

/** What configuration says about how releases of one target go. Durations are milliseconds. */
export type Policy = {
  /** Canary weights on the way up, rising, the last at most 50. */
  readonly weights: readonly Weight[];
  readonly bakeMs: number;
  /** Length of a measured window. */
  readonly windowMs: number;
  /** How long after its end a window is closed: scrapes and ingestion must have caught up. */
  readonly settleMs: number;
  /** From the landing of a step: when neither pass nor fail is reached by then, the member is held. */
  readonly deadlineMs: number;
  /** Least time between two merges of steps in one repository. */
  readonly mergeEveryMs: number;
  readonly evidence: EvidenceKind;
  /** Where nothing shows that a change runs: how long after it landed it counts as live. Undefined where it must be seen. */
  readonly assumedAfterMs: number | undefined;
  readonly gate: GateSettings;
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

/** What a target's steps are judged on. */
export type EvidenceKind =
  /** The canary's errors against stable's, under the same traffic. */
  | "compare"
  /** No fair comparison: each arm's own error rate against an absolute limit, and its ready pods. */
  | "health"
  /** No traffic is expected: ready pods and time. */
  | "bake";

/** What becomes of a bump while another one's release is under way. */
export type SecondBump =
  /** The release under way ends first, at weight 0. */
  | "supersede"
  /** It waits, and those before it. */
  | "queue"
  /** All that wait start as one release. */
  | "batch";

export type Expedite = { readonly label: string; readonly weights: readonly Weight[]; readonly bakeMs: number };

/** What must hold, once the step before is seen live and baked, for a step to be committed. */
export type Judge =
  /** The state before is seen, nothing else. */
  | "seen"
  /** Stable is healthy; there is no fair comparison before the first weight and after the last. */
  | "healthy"
  /** Canary no worse than stable. */
  | "compare"
  /** Stable, now on the new version, healthy and no worse than the canary that was proven before. */
  | "swapped";

export type StepKind = "warmUp" | "shift" | "promote" | "drain" | "rest";

export type Step = {
  readonly index: number;
  readonly kind: StepKind;
  /** The canary's weight that this step commits. */
  readonly weight: Weight;
  /** The canary's replicas that this step commits. */
  readonly replicas: number;
  /** What must hold before this step is committed. */
  readonly judge: Judge;
  /** How long the step before must have been live. */
  readonly bakeMs: number;
};

export type Plan = { readonly steps: readonly Step[] };

/**
 * The ordered steps of a release: warm-up at weight 0, the weights, promotion under the last weight, weight back to 0, replicas back to 0.
 * Capacity runs one step ahead of the weight on the way up and one behind on the way down.
 * `stableReplicas` is the most that stable runs (its autoscaler's maximum, else its replicas).
 */
export function planOf({ weights, bakeMs }: Pick<Policy, "weights" | "bakeMs">, stableReplicas: number): Plan {
  const top = weights.at(-1) ?? NO_WEIGHT;
  const replicasAt = (share: Weight | undefined) => replicasFor(share ?? top, stableReplicas);
  const shifts = weights.map((share, position) => ({
    kind: "shift" as const,
    weight: share,
    replicas: replicasAt(weights[position + 1]),
    judge: position === 0 ? ("healthy" as const) : ("compare" as const),
    bakeMs: position === 0 ? 0 : bakeMs,
  }));
  const steps: readonly Omit<Step, "index">[] = [
    { kind: "warmUp", weight: NO_WEIGHT, replicas: replicasAt(weights[0]), judge: "seen", bakeMs: 0 },
    ...shifts,
    { kind: "promote", weight: top, replicas: replicasAt(top), judge: "compare", bakeMs },
    { kind: "drain", weight: NO_WEIGHT, replicas: replicasAt(top), judge: "swapped", bakeMs },
    { kind: "rest", weight: NO_WEIGHT, replicas: 0, judge: "healthy", bakeMs: 0 },
  ];
  return { steps: steps.map((step, index) => ({ index, ...step })) };
}

/** Replicas that carry `share` of what `stableReplicas` carry whole, never fewer than one while there is a share to carry. */
export function replicasFor(share: Weight, stableReplicas: number): number {
  return Math.max(1, Math.ceil((stableReplicas * share) / toWeight(100)));
}
