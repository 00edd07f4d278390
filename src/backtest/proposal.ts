import type { GateSettings } from "../core/gate/settings.ts";
import { assessed, type Assessment, type Field } from "./assess.ts";
import type { Identical } from "./identical.ts";
import { tolerating, type LatencyFound } from "./latency.ts";
import { climbFor, type Climb } from "./propose.ts";
import type { Shape } from "./shape.ts";

/** What to write of the latency gate: a slow-down to tolerate, or that releases are not judged by it, since it can decide nothing here. */
export type LatencyAdvice = { readonly kind: "tolerated"; readonly tolerated: number } | { readonly kind: "off" };

/** What is proposed, and what the gates would do with all of it; undefined where nothing is. */
export type Proposal = {
  readonly climb: Climb | undefined;
  readonly latencyAdvice: LatencyAdvice | undefined;
  readonly proposed: Assessment | undefined;
};

type Found = {
  readonly configured: Assessment;
  readonly identical: Identical | undefined;
  readonly latency: LatencyFound;
  /** The service's own error rate, a share of 1. */
  readonly rate: number;
};

/** What suits the past better than what is configured. */
export function proposalFor(field: Field, found: Found): Proposal {
  const { configured, identical, rate } = found;
  const settings = identical?.settings ?? configured.settings;
  const latencyAdvice = adviceOf(found.latency);
  const timing = latencyAdvice && field.timing && tolerating(field.timing, latencyAdvice.tolerated);
  const careful = timing === undefined ? field : { ...field, timing };
  const isSame = settings === configured.settings && timing === undefined;
  const mended = isSame ? configured : assessed(careful, settings);
  const climb = climbFor(careful, mended, rate);
  const bare = climb === undefined ? withoutLatency(field, settings, rate) : undefined;
  if (bare !== undefined) return bare;
  const proposed = isSame && isSameClimb(climb, field.shape) ? undefined : climbing(careful, climb, mended);
  return { climb, latencyAdvice, proposed };
}

function adviceOf(latency: LatencyFound): Extract<LatencyAdvice, { readonly kind: "tolerated" }> | undefined {
  const tolerated = latency.kind === "judged" ? latency.identical?.tolerated : undefined;
  return tolerated === undefined ? undefined : { kind: "tolerated", tolerated };
}

/** Where no weight lets latency decide and errors do, latency only holds releases up. */
function withoutLatency(field: Field, settings: GateSettings, rate: number): Proposal | undefined {
  if (field.timing === undefined) return undefined;
  const bare: Field = { ...field, timing: undefined };
  const all = { ...settings, alpha: field.timing.alone };
  const mended = assessed(bare, all);
  const climb = climbFor(bare, mended, rate);
  if (climb === undefined) return undefined;
  return { climb, latencyAdvice: { kind: "off" }, proposed: climbing(bare, climb, mended) };
}

function climbing(field: Field, climb: Climb | undefined, mended: Assessment): Assessment {
  if (climb === undefined || isSameClimb(climb, field.shape)) return mended;
  return assessed({ ...field, shape: withBake({ ...field.shape, ...climb }) }, mended.settings);
}

function isSameClimb(climb: Climb | undefined, { weights, bakeMs }: Shape): boolean {
  return climb === undefined || (climb.weights.join() === weights.join() && climb.bakeMs === bakeMs);
}

function withBake(shape: Shape): Shape {
  return { ...shape, bakeWindows: Math.max(2, Math.ceil(shape.bakeMs / shape.windowMs)) };
}
