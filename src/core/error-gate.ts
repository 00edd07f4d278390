import { eta, type Eta } from "./gate/eta.ts";
import { judge, judgeSwapped, type Judgement } from "./gate/judge.ts";
import { withoutData } from "./gate/no-data.ts";
import type { GateSettings } from "./gate/settings.ts";
import type { Compared } from "./gates.ts";
import { evidenceBefore } from "./proposal.ts";
import type { Arm, Counts, Window } from "./window.ts";

/** What the error gate says of a step. */
export type ErrorRuling = {
  readonly gate: "errors";
  readonly judgement: Judgement;
  /** Failed requests as a share of all, by arm; absent where an arm had none. */
  readonly rates: { readonly [arm in Arm]?: number | undefined };
  /** With its share of the release's alpha. */
  readonly settings: GateSettings;
  /** How far a wait is from an end. */
  readonly eta: Eta | undefined;
};

/** Judges the canary's errors against stable's. What is missing counts for nothing before the step has been seen live. */
export function errorRuling({ member, release, running, since }: Compared, settings: GateSettings): ErrorRuling {
  const before = evidenceBefore(member, release);
  const judged = judge(before, running, settings);
  const judgement = since === undefined ? judged : { ...judged, verdict: withoutData(judged.verdict, settings) };
  const isOpen = judgement.verdict.kind === "wait";
  return { ...ruled(judgement, settings), eta: isOpen ? eta(before, running, settings) : undefined };
}

/** The same with the arms exchanged: stable runs the new version, the canary is the reference. */
export function swappedErrorRuling(live: readonly Window[], settings: GateSettings): ErrorRuling {
  return ruled(judgeSwapped(live, settings), settings);
}

/** Why a canary, or a stable on the new version, is taken back. */
export function errorReason({ judgement }: ErrorRuling): string {
  const { verdict } = judgement;
  if (verdict.kind === "block" && verdict.missing !== undefined) return NO_COUNTS;
  return judgement.suspect === "canary"
    ? "the canary fails more requests than stable"
    : "stable fails more requests on the new version than the canary";
}

const NO_COUNTS = "the metrics have no counts of an arm";

function ruled(judgement: Judgement, settings: GateSettings): ErrorRuling {
  const { canary, stable } = judgement.counts;
  return {
    gate: "errors",
    judgement,
    rates: { canary: rateOf(canary), stable: rateOf(stable) },
    settings,
    eta: undefined,
  };
}

function rateOf({ requests, failed }: Counts): number | undefined {
  return requests === 0 ? undefined : failed / requests;
}
