import { isPromoted } from "../../core/fall.ts";
import type { ErrorRuling } from "../../core/error-gate.ts";
import type { Health } from "../../core/gate/health.ts";
import { healthTrailOf, trailOf } from "../../core/gate/trail.ts";
import { exchangeArms } from "../../core/gate/judge.ts";
import { logBar } from "../../core/gate/settings.ts";
import type { GateRuling } from "../../core/gates.ts";
import { aloneQuestionOf, questionOf } from "../../core/question.ts";
import type { LatencyRuling } from "../../core/latency-gate.ts";
import type { ShownQuantiles } from "../../core/latency-quantiles.ts";
import type { Member } from "../../core/snapshot.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { Verdict } from "../../core/verdict.ts";
import { percent, ratio } from "../numbers.ts";
import { CELLS } from "../sparkline.ts";
import { chartOf, type Chart, type Committed, type Evidences } from "./chart.ts";
import { chartWords } from "./svg.ts";

/** A chart that goes with a check. */
export type Picture = { readonly chart: Chart; readonly alt: string; readonly caption: string };

/** The chart of what was measured of a member, with the evidence that its verdict rests on; undefined while no request was counted. */
export function pictureOf(member: Member, verdict: Verdict | undefined): Picture | undefined {
  const { timeline, policy, state, target } = member;
  const windows = timeline.kind === "read" ? timeline.value : [];
  const chart = chartOf({
    windows,
    windowMs: policy.windowMs,
    weights: weightsOf(member),
    evidences: verdict === undefined ? [] : evidencesOf(member, verdict),
    quantiles: quantilesOf(verdict),
  });
  if (chart === undefined) return undefined;
  const caption = `${state.service} in ${target}`;
  // Whoever shows it may take a bracket for a tag.
  return { chart, alt: `${caption}. ${chartWords(chart)}`.replaceAll("<", "below "), caption };
}

function quantilesOf(verdict: Verdict | undefined): ShownQuantiles {
  const latency = verdict?.rulings.find(({ gate }) => gate === "latency");
  return latency?.gate === "latency" && "quantiles" in latency.judgement ? latency.judgement.quantiles : {};
}

function weightsOf({ landings, plan, at, changedAt }: Member): readonly Committed[] {
  const landed = [...landings].flatMap(([index, at]) => {
    const step = plan.steps[index];
    return step === undefined ? [] : [{ at, weight: step.weight }];
  });
  return landed.length === 0 ? [{ at: changedAt, weight: at.weight }] : landed.toSorted((a, b) => a.at - b.at);
}

function evidencesOf(member: Member, { rulings, health }: Verdict): readonly Evidences[] {
  const compared = rulings.flatMap((ruling) => comparedEvidences(ruling, member));
  const alone = health !== undefined && isSuspect(member, health) ? healthEvidences(health, member) : [];
  return [...compared, ...alone];
}

function comparedEvidences(ruling: GateRuling, member: Member): readonly Evidences[] {
  switch (ruling.gate) {
    case "errors":
      return errorEvidences(ruling, member);
    case "latency":
      return latencyEvidences(ruling, member);
    case "gauges":
      // A drift is no e-value: it has no place on a scale of them.
      return [];
    default:
      return unreachable(ruling);
  }
}

function errorEvidences(ruling: ErrorRuling, member: Member): readonly Evidences[] {
  const { suspect, before, steps, settings } = questionOf(member, ruling);
  const heard = steps.flatMap(({ windows }) => windows);
  // Twice as many as there are cells, so that each has one.
  const every = Math.max(1, Math.floor(heard.length / (2 * CELLS)));
  const trail = trailOf(before, suspect === "stable" ? heard.map(exchangeArms) : heard, settings, every);
  return [
    {
      name: "regression",
      effect: "blocks",
      logBar: logBar(settings),
      marks: trail.map(({ start, worse }) => ({ start, log: worse })),
    },
    {
      name: `under ${ratio(settings.regression)}x the errors`,
      effect: "passes",
      logBar: -Math.log(settings.beta),
      marks: trail.map(({ start, nonInferior }) => ({ start, log: nonInferior })),
    },
  ];
}

/** Where latency stands now: what it came from is not a part of its ruling. */
function latencyEvidences({ judgement }: LatencyRuling, { timeline }: Member): readonly Evidences[] {
  const last = timeline.kind === "read" ? timeline.value.at(-1) : undefined;
  if (last === undefined || !("slower" in judgement)) return [];
  const { e, threshold } = judgement.slower;
  const marks = [{ start: last.start, log: Math.log(e) }];
  return [{ name: "slower requests", effect: "blocks", logBar: Math.log(threshold), marks }];
}

/** An arm that runs the new version: of another one errors are a reason to wait, not to block. */
function isSuspect(member: Member, { arm }: Health): boolean {
  const { release } = member.at;
  return arm === "canary" || (release !== undefined && isPromoted(member, release));
}

function healthEvidences(health: Health, member: Member): readonly Evidences[] {
  const { limit, aboveLimit, belowLimit } = health;
  const { windows, arm, settings } = aloneQuestionOf(member, health);
  const trail = healthTrailOf(windows, arm, settings);
  const above: Evidences = {
    name: `over ${percent(limit)} errors`,
    effect: "blocks",
    logBar: Math.log(aboveLimit.threshold),
    marks: trail.map(({ start, above: log }) => ({ start, log })),
  };
  if (belowLimit === undefined) return [above];
  return [
    above,
    {
      name: `under ${percent(limit)} errors`,
      effect: "passes",
      logBar: Math.log(belowLimit.threshold),
      marks: trail.map(({ start, below: log }) => ({ start, log })),
    },
  ];
}
