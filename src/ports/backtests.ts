import type { BacktestOf } from "../core/backtest.ts";
import type { Name } from "../core/names.ts";
import type { Policy } from "../core/plan.ts";
import type { ProviderSettings, TimelineQuestion } from "./metrics.ts";

/** A service in a target as its releases are judged, and how its past is asked for; data alone, so that another thread can be told of it. */
export type BacktestedMember = {
  readonly service: Name;
  readonly target: Name;
  readonly policy: JudgedBy;
  readonly provider: ProviderSettings;
  readonly asked: Omit<TimelineQuestion, "from" | "to" | "windowMs">;
};

/** What of a policy a back-test goes by. */
export type JudgedBy = Pick<
  Policy,
  | "weights"
  | "bakeMs"
  | "windowMs"
  | "settleMs"
  | "deadlineMs"
  | "warmUpMs"
  | "evidence"
  | "gate"
  | "parts"
  | "latency"
  | "gauges"
  | "seasonal"
>;

/** A member of which the past is wanted, or why it cannot be asked for. */
export type BacktestWanted =
  | { readonly kind: "known"; readonly member: BacktestedMember }
  | {
      readonly kind: "refused";
      readonly service: Name;
      readonly target: Name;
      readonly problems: readonly string[];
    };

/** What is asked for: what it answers, the members whose past is played over, and those that were too many. */
export type BacktestAsked = {
  readonly of: BacktestOf;
  readonly members: readonly BacktestWanted[];
  readonly others: readonly Pick<BacktestedMember, "service" | "target">[];
};

/** Back-tests beside all looks at one repository. What they have found is lost with the process, and begun anew by the next one while it is not told. */
export type Backtests = {
  /** What a back-test has come to, as Markdown; undefined while that is not known. */
  readonly found: (of: BacktestOf) => string | undefined;
  /** Begins a back-test, unless it has begun, and asks for a look when it is over; one that nobody has asked for does not begin while several of those wait. Never throws. */
  readonly begin: (asked: BacktestAsked) => void;
};
