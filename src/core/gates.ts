import { errorReason, errorRuling, type ErrorRuling } from "./error-gate.ts";
import { alphaOf } from "./gate/budget.ts";
import { outcomeOf, type Ruling } from "./gate/ruling.ts";
import type { GateName } from "./gate/settings.ts";
import { budgetedGauges, budgetName, gaugesReason, gaugesRuling, type GaugesRuling } from "./gauge-gate.ts";
import { latencyRuling, SLOWER, type LatencyRuling } from "./latency-gate.ts";
import { latencyBefore } from "./latency-memory.ts";
import type { Policy } from "./plan.ts";
import { budgetedSeasons } from "./season.ts";
import type { Member } from "./snapshot.ts";
import type { ReleaseState } from "./state.ts";
import { unreachable } from "./unreachable.ts";
import type { Window } from "./window.ts";

/**
 * What one gate says of a step that is compared, with every number behind it; tagged by the gate. Each has a `judgement` with a `verdict`.
 * A further kind of gate is a case here, a line in `rulingsOf` and in `reasonOf`, and its words: docs/gates.md has the list.
 */
export type GateRuling = ErrorRuling | LatencyRuling | GaugesRuling;

/** What the gates are asked about: a release under way, and the closed windows of its running step, oldest first. */
export type Compared = {
  readonly member: Member;
  readonly release: ReleaseState;
  readonly running: readonly Window[];
  /** When what the step committed was first seen live, milliseconds; undefined while it is not. */
  readonly since?: number | undefined;
};

/** What the gates of a step say together. `reason` is free of numbers, so that the same failure is recorded in the same words. */
export type Together =
  | { readonly kind: "block"; readonly reason: string }
  /** `left`: there was nobody to ask but those that a person has left out. */
  | { readonly kind: "pass" | "wait" | "left" };

/** What every gate says that has a say, in the order of GATES. What cannot judge a release takes no part of its alpha: that is known before the first judged window. */
export function rulingsOf(compared: Compared): readonly GateRuling[] {
  const { member, release } = compared;
  const { gate, latency, gauges = [] } = member.policy;
  const timeline = member.timeline.kind === "read" ? member.timeline.value : [];
  const remembered = latencyBefore(member, release, timeline);
  const alphas = alphasOf(member.policy, remembered.kind !== "out");
  const share = (name: string) => alphas.get(name) ?? 0;
  return [
    errorRuling(compared, { ...gate, alpha: share("errors") }),
    ...(latency === undefined ? [] : [latencyRuling(compared, remembered, share("latency"))]),
    ...(gauges.length === 0 ? [] : [gaugesRuling(compared, gauges, ({ name }) => share(budgetName(name)))]),
  ];
}

/** The alpha of a release as its gates have it, by their names and those of `budgetName`. `isTimed`: it is judged by latency. */
export function alphasOf(
  { gate, parts, gauges, seasonal }: Pick<Policy, "gate" | "parts" | "gauges" | "seasonal">,
  isTimed: boolean,
): ReadonlyMap<string, number> {
  return alphaOf(gate.alpha, [
    { metric: "errors", part: parts.errors },
    { metric: "latency", part: isTimed ? parts.latency : 0 },
    ...budgetedGauges(gauges),
    ...budgetedSeasons(seasonal),
  ]);
}

/** All rulings together but those that a person has left out; the first gate that blocks says why. */
export function together(rulings: readonly GateRuling[], skipped: readonly GateName[]): Together {
  const heard = rulings.filter(({ gate }) => !skipped.includes(gate));
  const blocking = heard.find(({ judgement }) => judgement.verdict.kind === "block");
  if (blocking !== undefined) return { kind: "block", reason: reasonOf(blocking) };
  const said = heard.map(({ gate, judgement: { verdict } }) => ({ gate, verdict }));
  if (skipped.length > 0 && isNobody(said)) return { kind: "left" };
  return { kind: outcomeOf(said).kind === "pass" ? "pass" : "wait" };
}

/** Nothing is there that could pass the step but what was left out. */
function isNobody(said: readonly Ruling[]): boolean {
  return said.every(({ verdict: { kind } }) => kind === "stands" || kind === "agrees" || kind === "advise");
}

/** Why a gate that blocks takes a release back. */
export function reasonOf(ruling: GateRuling): string {
  switch (ruling.gate) {
    case "errors":
      return errorReason(ruling);
    case "latency":
      return SLOWER;
    case "gauges":
      return gaugesReason(ruling);
    default:
      return unreachable(ruling);
  }
}
