import type { Action } from "../core/action.ts";
import type { Sha } from "../core/names.ts";
import type { Refusal } from "../core/snapshot.ts";
import type { ForgeWriter, MergeOutcome } from "../ports/forge.ts";
import type { GitReader, GitWriter } from "../ports/git.ts";
import type { Chart } from "../render/chart/chart.ts";
import type { No } from "./memory.ts";
import type { Readings } from "./readings.ts";

export type Declining = {
  /** Until when a branch is not to be pushed again, milliseconds; undefined where it may be. */
  readonly until: (branch: string) => number | undefined;
  /** Remembers that its push was declined; until when. */
  readonly declined: (branch: string, why: string) => number;
  readonly taken: (branch: string) => void;
  /** Remembers that a comment's author was told of it. */
  readonly told: (branch: string, comment: number) => void;
};

/** What a look may do to the world; a dry run is another value of this type. */
export type Hands = {
  readonly git: GitReader & GitWriter;
  readonly forge: ForgeWriter;
  readonly readings: Pick<Readings, "changed">;
  /** Every ref of the look that decided. */
  readonly refs: ReadonlyMap<string, Sha>;
  readonly branch: string;
  /** Why GitHub has not merged a head, while it is not to be asked again. */
  readonly refusal: (headSha: Sha) => Refusal | undefined;
  /** Remembers that GitHub has refused to merge a head: for longer each time, but no longer than that. */
  readonly refused: (headSha: Sha, no: No) => Refusal;
  /** GitHub's no, a clause; undefined where it may be merged at once after all. What it leaves open for long is a no. */
  readonly noOf: (headSha: Sha, outcome: MergeOutcome) => string | undefined;
  /** What is known of pushes that the repository's rules decline. */
  readonly declining: Declining;
  /** Remembers that a branch has an open pull request, which a person may close before any look has seen it. */
  readonly opened: (branch: string, pull: number) => void;
  /** Remembers that a pull request was closed from here. */
  readonly closed: (pull: number) => void;
  /** Takes note of what was merged. */
  readonly landed: (action: Extract<Action, { readonly kind: "merge" | "land" }>) => void;
  /** Lets a back-test begin, and does not wait for it. */
  readonly backtest: (asked: Extract<Action, { readonly kind: "backtest" }>) => void;
  readonly wakeAt: (at: number) => Promise<void>;
  /** Something was changed: the next look is due now. */
  readonly lookAgain: () => Promise<void>;
  /** The address of a chart, where it can have one; undefined where charts are not shown. */
  readonly chartAt: ((chart: Chart) => string | undefined) | undefined;
};
