import type { Histogram } from "../core/gate/histogram.ts";
import type { Reading } from "../core/reading.ts";
import type { Counts } from "../core/window.ts";
import type { TimelineQuestion } from "./metrics.ts";

/** What one pod answered in a window, and how long that took (milliseconds) where it was asked and is told. */
export type PodCounts = Counts & { readonly pod: string; readonly latency?: Histogram | undefined };

/** What pods of stable answered in each window, by the window's start (milliseconds); what no pod can be named for is not there. */
export type PodsAt = ReadonlyMap<number, readonly PodCounts[]>;

/** Asks for the requests of stable's pods one by one. Never throws for what the provider does: that is `unavailable`. */
export type ReadPods = (question: TimelineQuestion) => Promise<Reading<PodsAt>>;
