import { firstCompared, PAST_WINDOWS } from "../core/latency-memory.ts";
import { readySince } from "../core/ready-once.ts";
import type { Member } from "../core/snapshot.ts";
import type { ReleaseState } from "../core/state.ts";
import type { TimelineQuestion } from "../ports/metrics.ts";

/** As many windows before now are asked for as health needs, where no landing asks for more. */
const RECENT_WINDOWS = 20;

/** Which windows bear on a member; undefined while none has closed. Bounds are multiples of the window's length. */
export function questionOf(member: Omit<Member, "timeline">, now: number): TimelineQuestion | undefined {
  const { windowMs, settleMs } = member.policy;
  const to = floorTo(now - settleMs, windowMs);
  const begin = floorTo(Math.min(earliest(member, to), to), windowMs);
  // Of an Argo Rollout also what its controller said right before: that it has completed tells only where it had not.
  const since = member.at.manifests.layout === "rollout" ? begin - windowMs : begin;
  if (begin >= to) return undefined;
  const latency = latencyFrom(member);
  const { canary, stable } = member.manifest;
  return {
    service: member.state.service,
    namespace: member.at.namespace,
    arms: member.at.arms,
    workloads: { canary: canary.deployment, stable: stable.deployment },
    container: canary.container,
    from: floorTo(Math.min(since, latency ?? since), windowMs),
    to,
    windowMs,
    ...(latency !== undefined && { latency: "asked" }),
    ...gaugesIn(member),
  };
}

/** The landing of the first step whose evidence the state lacks; without evidence to gather, the last change, or what is recent since. */
function earliest(member: Omit<Member, "timeline">, to: number): number {
  const { at, landings, changedAt, policy } = member;
  const recent = Math.max(changedAt, to - RECENT_WINDOWS * policy.windowMs);
  if (at.release === undefined || at.release.aborting !== undefined) return recent;
  const ready = Math.max(readySince(member) ?? changedAt, changedAt - READY_WINDOWS * policy.windowMs);
  return landings.get(Math.max(1, at.release.evidence.through + 1)) ?? ready;
}

/** How long before its release began a version may have been ready, in windows. */
const READY_WINDOWS = 240;

/** From when on it is asked how long requests took, for a step that is judged by it: what was usual before the release is read while its bounds are open. */
function latencyFrom(member: Omit<Member, "timeline">): number | undefined {
  const { policy, landings } = member;
  const release = compared(member);
  const first = firstCompared(member);
  if (policy.latency === undefined || release === undefined) return undefined;
  const isOpen = release.latency === undefined && first !== undefined && release.evidence.through < first;
  const begin = isOpen ? landings.get(first) : undefined;
  return begin === undefined ? Number.POSITIVE_INFINITY : begin - PAST_WINDOWS * policy.windowMs;
}

/** The gauges of a step that is judged by them. */
function gaugesIn(member: Omit<Member, "timeline">): Pick<TimelineQuestion, "gauges"> {
  const { gauges } = member.policy;
  if (gauges === undefined || compared(member) === undefined) return {};
  return { gauges: gauges.map(({ name, query }) => ({ name, query })) };
}

/** The release of a member whose running step compares canary with stable. */
function compared({ at: { release }, plan, policy }: Omit<Member, "timeline">): ReleaseState | undefined {
  if (policy.evidence !== "compare" || release === undefined || release.aborting !== undefined) return undefined;
  return plan.steps[release.step + 1]?.judge === "compare" ? release : undefined;
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
