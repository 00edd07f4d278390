import { firstCompared, PAST_WINDOWS } from "../core/latency-memory.ts";
import type { Member } from "../core/snapshot.ts";
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
  };
}

/** The landing of the first step whose evidence the state lacks; without evidence to gather, the last change, or what is recent since. */
function earliest({ at, landings, changedAt, policy }: Omit<Member, "timeline">, to: number): number {
  const recent = Math.max(changedAt, to - RECENT_WINDOWS * policy.windowMs);
  if (at.release === undefined || at.release.aborting !== undefined) return recent;
  return landings.get(Math.max(1, at.release.evidence.through + 1)) ?? changedAt;
}

/** From when on it is asked how long requests took, for a step that is judged by it: what was usual before the release is read while its bounds are open. */
function latencyFrom(member: Omit<Member, "timeline">): number | undefined {
  const { at, plan, policy, landings } = member;
  const { release } = at;
  const first = firstCompared(member);
  const isJudged = policy.latency !== undefined && policy.evidence === "compare" && release?.aborting === undefined;
  if (!isJudged || release === undefined || plan.steps[release.step + 1]?.judge !== "compare") return undefined;
  const isOpen = release.latency === undefined && first !== undefined && release.evidence.through < first;
  const begin = isOpen ? landings.get(first) : undefined;
  return begin === undefined ? Number.POSITIVE_INFINITY : begin - PAST_WINDOWS * policy.windowMs;
}

function floorTo(value: number, unit: number): number {
  return Math.floor(value / unit) * unit;
}
