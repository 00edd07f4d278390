import type { Histogram } from "./gate/histogram.ts";

/** Requests seen in a window and how many of them failed; whole numbers, failed ≤ requests. */
export type Counts = { readonly requests: number; readonly failed: number };

/** Pods of one workload by the image they run, at the end of a window. */
export type Pods = { readonly image: string; readonly ready: number; readonly total: number };

/** The two versions that run side by side; also the two Services whose names tell them apart in the metrics. */
export type Arm = "canary" | "stable";

/** Where the Argo Rollouts controller stands with a Rollout, by its metrics (argo-rollouts 9f8d111d, controller/metrics/rollouts.go, calculatePhase). */
export const PHASES = ["Completed", "Progressing", "Paused", "Timeout", "Error", "Abort", "InvalidSpec"] as const;
export type Phase = (typeof PHASES)[number];

/**
 * One closed window of a member's life. `start` and `end` are milliseconds since the epoch, multiples of the window's length.
 * `counts` lacks an arm for which no sample covers the window; an arm that was scraped and served nothing has zeros.
 * `pods` lacks a workload for which the provider knows nothing. `versions` are what the requests of the window say that they were answered by, in order;
 * absent where they are not asked for that. `phases` are what the Argo Rollouts controller says of the Rollout at the end, in order: several where its replicas disagree,
 * absent where it says nothing or there is none. `latency` is absent where it was not asked, or is not counted; `gauges`, by their names, where none were asked.
 */
export type Window = {
  readonly start: number;
  readonly end: number;
  readonly counts: { readonly [arm in Arm]?: Counts };
  readonly pods: { readonly [arm in Arm]?: readonly Pods[] };
  readonly versions?: { readonly [arm in Arm]?: readonly string[] } | undefined;
  readonly phases?: readonly Phase[] | undefined;
  readonly latency?: WindowLatency | undefined;
  readonly gauges?: WindowGauges | undefined;
};

export type WindowGauges = { readonly [name: string]: WindowGauge };

/** A gauge at the end of a window, by arm: above 0 and finite; what is neither, or is not told, is absent. `unread`: it could not be read, and why. */
export type WindowGauge =
  | { readonly kind: "read"; readonly canary?: number; readonly stable?: number }
  | { readonly kind: "unread"; readonly reason: string };

/** How long requests of a window took, by classic buckets, and by native histograms where the provider has any. */
export type WindowLatency = ToldLatency & { readonly native?: ToldLatency };

/**
 * One form of it, by arm, bounds in milliseconds. An arm of which nothing was sampled, or nothing that is a histogram, is absent.
 * `unread`: it was asked and could not be read, which is not the same as none.
 */
export type ToldLatency =
  | { readonly kind: "read"; readonly canary?: Histogram; readonly stable?: Histogram }
  | { readonly kind: "unread"; readonly reason: string };
