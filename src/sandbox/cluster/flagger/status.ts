import type { Canary } from "../kinds/canary.ts";
import type { LiveObjects } from "../live-objects.ts";
import type { Workload } from "../workload.ts";

/** A Canary as Flagger runs it. */
export type RunningCanary = { readonly canary: Canary; readonly status: CanaryStatus };

/** What the controller remembers of a Canary; hashes are those of pod templates of the target, times are milliseconds. */
export type CanaryStatus = {
  readonly phase: CanaryPhase;
  readonly failedChecks: number;
  /** -1 from the first wait for promotion on: what is checked then is the analysis and no pre-rollout hook. */
  readonly iterations: number;
  readonly lastApplied: string | undefined;
  readonly lastPromoted: string | undefined;
  readonly lookedAt: number;
  /** Since when the target has been stuck. */
  readonly unreadySince: number | undefined;
  /** Since when the Deployment that serves has been. */
  readonly primaryUnreadySince: number | undefined;
};

export type CanaryPhase =
  | "Initializing"
  | "Initialized"
  | "Waiting"
  | "Progressing"
  | "WaitingPromotion"
  | "Promoting"
  | "Finalising"
  | "Succeeded"
  | "Failed";

export const NEW_CANARY: CanaryStatus = {
  phase: "Initializing",
  failedChecks: 0,
  iterations: 0,
  lastApplied: undefined,
  lastPromoted: undefined,
  lookedAt: -Infinity,
  unreadySince: undefined,
  primaryUnreadySince: undefined,
};

/** One look of the controller at one Canary. */
export type Look = {
  readonly canary: Canary;
  readonly status: CanaryStatus;
  readonly objects: LiveObjects;
  readonly workloads: ReadonlyMap<string, Workload>;
  readonly now: number;
};
