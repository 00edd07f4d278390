import type { ApplicationPolicy, SyncNotice } from "./application.ts";
import type { HeadSource } from "./head.ts";
import type { Took } from "./latencies.ts";
import type { Traffic, VersionFault } from "./traffic.ts";

/** Durations are milliseconds. */
export type ClusterSettings = {
  readonly head: HeadSource;
  /** Equal seeds and equal histories of git give equal clusters. */
  readonly seed: string;
  /** How often git is polled, and how long after a poll saw a commit it is applied. */
  readonly pollMs: number;
  readonly syncDelayMs: number;
  /** From a pod's creation until it is ready. */
  readonly readyMs: number;
  readonly scrapeMs: number;
  readonly retentionMs: number;
  /** The grain of time; everything happens at its multiples. It divides `scrapeMs`. */
  readonly stepMs: number;
  /** What a route is asked for; looked up at every step. */
  readonly traffic: (namespace: string, route: string) => Traffic;
  /** What is wrong with versions, by image; looked up at every step. */
  readonly faults: ReadonlyMap<string, VersionFault>;
  /** How a folder is followed, where that is not by Argo CD's defaults with automated sync; looked up at every step. */
  readonly policy?: (folder: string, now: number) => Partial<ApplicationPolicy>;
  /** What Argo CD's notifications are sent to: every sync that is over, of each commit once. */
  readonly notify?: (notice: SyncNotice) => Promise<void>;
  /** How often HorizontalPodAutoscalers are looked at. */
  readonly autoscaleMs?: number;
  /** Requests per second that use a pod to 100 %. */
  readonly podCapacity?: number;
  /** How long after its last request a revision of Knative's keeps a pod. */
  readonly idleMs?: number;
  /** How long requests take; without it nobody measures that. */
  readonly took?: Took;
  /** Metrics that nobody scrapes, by how their names begin. */
  readonly unscraped?: readonly string[];
  /** Labels of pods that the scrape adds to what it finds in them. */
  readonly podLabels?: readonly string[];
};

/** Kubernetes' own. */
export const AUTOSCALE_MS = 15_000;

export const POD_CAPACITY = 1_000;

/** Knative's stable window, and its grace before scaling to zero. */
export const IDLE_MS = 90_000;
