import type { Name } from "../core/names.ts";
import type { Reading } from "../core/reading.ts";
import type { Window } from "../core/window.ts";

/** Which windows of which member. `from` and `to` are milliseconds, multiples of `windowMs`; `to` is past by at least the settling time. */
export type TimelineQuestion = {
  readonly namespace: Name;
  /** Services behind the route, as the metrics call them. */
  readonly arms: { readonly canary: Name; readonly stable: Name };
  /** Deployments behind the Services. */
  readonly workloads: { readonly canary: Name; readonly stable: Name };
  /** The container whose image is the version. */
  readonly container: Name;
  readonly from: number;
  readonly to: number;
  readonly windowMs: number;
};

/** One provider of metrics, credentials and addresses already inside. Never throws for what the provider does: that is `unavailable`. */
export type Metrics = {
  readonly timeline: (question: TimelineQuestion) => Promise<Reading<readonly Window[]>>;
};
