import { alphasOf } from "../core/gates.ts";
import { DEFAULT_SLOWDOWNS } from "../core/gate/latency.ts";
import type { GateSettings, Parts } from "../core/gate/settings.ts";
import type { Expedite, Policy } from "../core/plan.ts";
import { weight } from "../core/weight.ts";
import { comparable, expediteBounds, mostThreshold, STRICTEST, strictestSteps, type Enforced } from "./enforced.ts";

/** The strictest of a policy and of what is enforced: whatever the policy says, what comes out is never looser than that. */
export function tightened(policy: Policy, enforced: Enforced): Policy {
  const { steps, bake } = enforced;
  const expedite = hotfixes(policy.expedite, enforced);
  const bakeMs = atLeast(policy.bakeMs, bake);
  // A bake that is made longer needs as much more time to be decided in.
  const raised = Math.max(bakeMs - policy.bakeMs, (expedite?.bakeMs ?? 0) - (policy.expedite?.bakeMs ?? 0), 0);
  const timed = {
    ...policy,
    weights: climb(policy.weights, steps, enforced),
    bakeMs,
    expedite,
    deadlineMs: atMost(policy.deadlineMs + raised, enforced.deadline),
  };
  return judged({ ...timed, ...kinds(policy, enforced), ...observed(policy, enforced) }, enforced);
}

function atMost(value: number, bound = Infinity): number {
  return Math.min(value, bound);
}

function atLeast(value: number, bound = 0): number {
  return Math.max(value, bound);
}

/** What is one of a few words, and what follows from one number each. */
function kinds(
  policy: Policy,
  { evidence = "bake", onAbort, onDeadline, bumps, pace, gates, page }: Enforced,
): Pick<Policy, "evidence" | "onAbort" | "onDeadline" | "secondBump" | "mergeEveryMs" | "warmUpMs" | "page"> {
  return {
    evidence: strictest(STRICTEST.evidence, evidence, policy.evidence),
    onAbort: onAbort ?? policy.onAbort,
    onDeadline: onDeadline ?? policy.onDeadline,
    secondBump: bumps ?? policy.secondBump,
    mergeEveryMs: atLeast(policy.mergeEveryMs, Math.round(MINUTE / (pace?.mergesPerMinute ?? Infinity))),
    warmUpMs: atMost(policy.warmUpMs, gates?.warmUp),
    page: [...new Set([...policy.page, ...page])],
  };
}

const MINUTE = 60_000;

function climb(weights: Policy["weights"], steps: Enforced["steps"], enforced: Enforced): Policy["weights"] {
  const held = comparable(weights, enforced);
  return (steps === undefined ? held : strictestSteps(held, steps)).map(weight);
}

function hotfixes(expedite: Policy["expedite"], enforced: Enforced): Expedite | undefined {
  if (expedite === undefined || enforced.expedite === "never") return undefined;
  const { steps, bake } = expediteBounds(enforced);
  return { ...expedite, weights: climb(expedite.weights, steps, enforced), bakeMs: atLeast(expedite.bakeMs, bake) };
}

function observed(
  { assumedAfterMs, reports }: Policy,
  { observe }: Enforced,
): Pick<Policy, "assumedAfterMs" | "reports"> {
  return {
    assumedAfterMs: observe === undefined ? assumedAfterMs : undefined,
    reports: observe === "metrics" ? undefined : reports,
  };
}

/** The gates last: which share of alpha is the error gate's depends on whether latency is judged. */
function judged(policy: Policy, enforced: Enforced): Policy {
  const timed = { ...policy, latency: slowdowns(policy.latency, enforced) };
  const { alpha } = enforced.gates?.errors ?? {};
  const { gate, parts } = alpha === undefined ? timed : withShare(timed, alpha);
  return { ...timed, parts, gate: errors(gate, enforced) };
}

function slowdowns(latency: Policy["latency"], { gates }: Enforced): Policy["latency"] {
  const bounds = gates?.latency;
  if (bounds === undefined) return latency;
  const { tolerated, regression } = latency ?? DEFAULT_SLOWDOWNS;
  return {
    tolerated: atMost(tolerated, bounds.tolerated),
    regression: atMost(regression, bounds.regression),
    isAskedFor: true,
  };
}

/** Rounding must not leave the gate with less than its share. */
const ABOVE = 1 + 1e-9;

/** With at least this share of alpha for the error gate, and at most half of a larger alpha: the other gates keep theirs relative to each other. */
function withShare(policy: Policy, least: number): Pick<Policy, "gate" | "parts"> {
  const { gate, parts } = policy;
  const share = alphasOf(policy, policy.latency !== undefined).get("errors") ?? 0;
  if (share >= least) return { gate, parts };
  const alpha = Math.max(gate.alpha, 2 * least);
  const others = (parts.errors * (gate.alpha - share)) / share;
  const wanted = (others * least) / (alpha - least);
  return { gate: { ...gate, alpha }, parts: withErrors(parts, Math.max(parts.errors, wanted * ABOVE)) };
}

function withErrors(parts: Parts, errors: number): Parts {
  return { ...parts, errors };
}

function errors(gate: GateSettings, enforced: Enforced): GateSettings {
  const bounds = enforced.gates?.errors ?? {};
  return {
    ...clustered(gate, bounds.dispersion),
    beta: atMost(gate.beta, bounds.beta),
    tolerance: atMost(gate.tolerance, bounds.tolerance),
    regression: atMost(gate.regression, bounds.regression),
    slo: atMost(gate.slo, bounds.slo),
    unhealthy: atMost(gate.unhealthy, bounds.unhealthy),
    power: atLeast(gate.power, bounds.power),
    ...counted(gate, bounds),
    ...(gate.placeboLogE !== undefined && { placeboLogE: atMost(gate.placeboLogE, logOf(mostThreshold(enforced))) }),
  };
}

function clustered({ exactDispersion, ...gate }: GateSettings, dispersion: number | undefined): GateSettings {
  if (dispersion !== undefined) return { ...gate, dispersion };
  return exactDispersion === undefined ? gate : { ...gate, exactDispersion };
}

function counted(
  gate: GateSettings,
  bounds: { readonly minimum?: number | undefined; readonly noData?: "wait" | "fail" | undefined },
): Pick<GateSettings, "minimum" | "noData"> {
  const minimum = atLeast(gate.minimum ?? 0, bounds.minimum);
  const noData = bounds.noData && strictest(STRICTEST.noData, bounds.noData, gate.noData ?? "wait");
  return { ...(minimum > 0 && { minimum }), ...(noData !== undefined && { noData }) };
}

function logOf(threshold: number | undefined): number | undefined {
  return threshold === undefined ? undefined : Math.log(threshold);
}

function strictest<Kind extends string>(order: readonly Kind[], one: Kind, two: Kind): Kind {
  return order.find((kind) => kind === one || kind === two) ?? one;
}
