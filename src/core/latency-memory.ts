import { UNKNOWN_DISPERSION } from "./gate/calibration.ts";
import { together, type Histogram } from "./gate/histogram.ts";
import {
  combineLatency,
  edgesOf,
  latencyEvidenceOf,
  type Edge,
  type LatencyEvidence,
  type LatencySettings,
  type LatencyWindow,
  type Slowdowns,
} from "./gate/latency.ts";
import { formOf, histogramIn, toldIn, type LatencyForm } from "./latency-form.ts";
import { isComparedAt, type Policy } from "./plan.ts";
import { segments, windowsSince, type Segment } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { ReleaseState } from "./state.ts";
import type { Window } from "./window.ts";

/** A bound that "slow" is counted above, and what slow-downs mean there; fixed before the first window that is judged. */
export type LatencyEdge = Pick<Edge, "quantile" | "bound" | "weight" | "tolerated" | "regression">;

/** What a release remembers of latency: its bounds, of which form, and for each the log-sums of the steps before the running one. */
export type LatencyMemory = {
  readonly edges: readonly LatencyEdge[];
  readonly evidence: LatencyEvidence;
  /** Absent where the bounds are those of classic buckets. */
  readonly form?: "native" | undefined;
};

/** What latency is judged by; `out`: it is not, for this release, and why. */
export type Remembered =
  | { readonly kind: "known"; readonly memory: LatencyMemory }
  | { readonly kind: "out"; readonly why: "none" | "tooFew" }
  | { readonly kind: "unread"; readonly reason: string };

/** Windows before the first step that is judged, which say what is usual. */
export const PAST_WINDOWS = 20;

/** The first step whose traffic is compared; undefined in a plan without one. */
export function firstCompared({ plan }: Pick<Member, "plan">): number | undefined {
  return plan.steps.find(({ index }) => isComparedAt(plan, index))?.index;
}

/**
 * Bounds and evidence of the steps before the running one. Bounds are what git has, else what the step's branch has been pushed with; else they are taken from
 * stable's histograms of the time before the release. A release that was judged without them stays so: its alpha is divided once.
 */
export function latencyBefore(member: Member, release: ReleaseState, timeline: readonly Window[]): Remembered {
  const { latency } = member.policy;
  if (latency === undefined) return { kind: "out", why: "none" };
  const known = release.latency ?? pushed(member, release);
  const found: Remembered = known === undefined ? past(member, release, timeline) : { kind: "known", memory: known };
  if (found.kind !== "known") return found;
  const earlier = segments(member, timeline).filter(({ step }) => step < release.step);
  const memory = { ...found.memory, evidence: release.latency?.evidence ?? [] };
  return { kind: "known", memory: withSteps(memory, earlier, member.policy) };
}

/** What is remembered, with the windows of steps that followed. */
export function withSteps(
  memory: LatencyMemory,
  earlier: readonly Segment[],
  policy: Pick<Policy, "gate">,
): LatencyMemory {
  const settings = edgesWith(memory.edges, policy);
  const evidence = earlier.reduce<LatencyEvidence>(
    (sum, { step, windows }) =>
      combineLatency(sum, latencyEvidenceOf(latencyWindows(windows, memory.form), settings)).map((one) => ({
        ...one,
        through: step,
      })),
    memory.evidence,
  );
  return { ...memory, evidence };
}

/** The settings of the pure gate. How slow requests cluster is not known of any service yet. */
export function edgesWith(
  edges: readonly LatencyEdge[],
  { gate: { alpha, beta, power } }: Pick<Policy, "gate">,
): LatencySettings {
  const known = edges.map((edge) => ({ ...edge, dispersion: 1, exactDispersion: UNKNOWN_DISPERSION }));
  return { alpha, beta, power, edges: known };
}

/** Windows as the pure gate takes them: one that could not be read has no histograms. */
export function latencyWindows(windows: readonly Window[], form: LatencyForm = "classic"): readonly LatencyWindow[] {
  return windows.map(({ start, end, latency }) => {
    const [canary, stable] = [histogramIn(latency, form, "canary"), histogramIn(latency, form, "stable")];
    return { start, end, histograms: { ...(canary && { canary }), ...(stable && { stable }) } };
  });
}

function pushed({ pull, target }: Member, { step, commit }: ReleaseState): LatencyMemory | undefined {
  const proposed = pull?.proposed?.targets.get(target)?.release;
  return proposed?.step === step + 1 && proposed.commit === commit ? proposed.latency : undefined;
}

function past(member: Member, release: ReleaseState, timeline: readonly Window[]): Remembered {
  const first = firstCompared(member);
  const begin = first === undefined ? undefined : member.landings.get(first);
  if (first === undefined || begin === undefined || release.evidence.through >= first)
    return { kind: "out", why: "none" };
  const before = timeline.filter(({ end }) => end <= begin);
  const form = formOf(before, windowsSince(begin, timeline));
  const unread = before.map(({ latency }) => toldIn(latency, form)).find((told) => told?.kind === "unread");
  if (unread?.kind === "unread") return unread;
  const stable = before.flatMap(({ latency }) => histogramIn(latency, form, "stable") ?? []);
  const found = edgesIn(stable, member.policy.latency);
  if (found.kind === "out") return found;
  return { kind: "known", memory: { edges: found.edges, evidence: [], ...(form === "native" && { form }) } };
}

/** The bounds that stable's histograms of the time before a release give; `out`: it is judged without them, and why. */
export function edgesIn(
  stable: readonly Histogram[],
  slowdowns?: Slowdowns,
): { readonly kind: "known"; readonly edges: readonly LatencyEdge[] } | Extract<Remembered, { readonly kind: "out" }> {
  const all = together(stable);
  if (all === undefined) return { kind: "out", why: "none" };
  const edges = edgesOf(all, slowdowns);
  if (edges.length === 0) return { kind: "out", why: "tooFew" };
  const fixed = edges.map(({ quantile, bound, weight, tolerated, regression }) => ({
    quantile,
    bound,
    weight,
    tolerated,
    regression,
  }));
  return { kind: "known", edges: fixed };
}
