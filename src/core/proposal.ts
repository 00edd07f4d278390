import type { Change } from "./change.ts";
import { addWindows, NO_EVIDENCE, type Evidence } from "./gate/evidence.ts";
import { gaugesBefore, type GaugeMemory } from "./gauge-memory.ts";
import type { Version } from "./manifest.ts";
import { latencyBefore, type LatencyMemory } from "./latency-memory.ts";
import { withStable } from "./manifests.ts";
import type { Sha } from "./names.ts";
import type { Step } from "./plan.ts";
import { segments } from "./segments.ts";
import type { Member } from "./snapshot.ts";
import type { Blocked, Hold, Override, ReleaseState, ServiceState, Skip, TargetState } from "./state.ts";

/** What people have said about the step to come; it lives in the head of the step's branch and is kept when that is built anew. */
export type Said = {
  readonly holds: ServiceState["holds"];
  readonly heard: number;
  readonly override: Override | undefined;
  readonly skips: readonly Skip[];
};

/** The step that would be committed next: the warm-up of a release that waits and whose turn it is, or the one after the last that landed. */
export function nextStep(member: Member): Step | undefined {
  const { release } = member.at;
  if (release === undefined) return isWaiting(member) && !isQueued(member) ? member.plan.steps[0] : undefined;
  return release.aborting === undefined ? member.plan.steps[release.step + 1] : undefined;
}

type Landed = Pick<Member, "at" | "manifest" | "bump" | "state">;

/** The canary has a version that stable has not, git says where it came from, and nothing blocks it. */
export function isWaiting(member: Landed): boolean {
  return (
    member.at.release === undefined && member.bump !== undefined && isBumped(member) && blockOf(member) === undefined
  );
}

/** Members of earlier waves have the version still to do that waits here. */
export function isQueued({ behind }: Pick<Member, "behind">): boolean {
  return behind.length > 0;
}

/** The canary's pod template is not the one that stable runs. */
export function isBumped({ manifest }: Pick<Member, "manifest">): boolean {
  return manifest.canary.template !== manifest.stable.template;
}

/** The entry that keeps the canary's version from starting again by itself. */
export function blockOf(member: Pick<Member, "manifest" | "state" | "bump">): Blocked | undefined {
  if (!isBumped(member)) return undefined;
  const { blocked } = member.state;
  return blocking(blocked, member.manifest.canary) ?? blocked.find((block) => isOfCommit(block, member.bump?.commit));
}

/** A bump that was taken back in one target is blocked in all that it reached, whatever their images and templates are called. */
function isOfCommit({ commit }: Blocked, brought: Sha | undefined): boolean {
  return commit !== undefined && commit === brought;
}

/** The entry, of those given, that blocks a version. */
export function blocking(entries: readonly Blocked[], { image, template }: Version): Blocked | undefined {
  return entries.find((block) => block.image === image && (block.template ?? template) === template);
}

/** What has landed for the whole release, and what the step's branch says besides. */
export function saidOf(member: Member): Said {
  const { state, at } = member;
  const proposed = proposedTo(member);
  const landed: Said = {
    // A hold whose release is over, its last step merged by hand, holds no other one.
    holds: state.holds.filter((hold) => hold.target !== member.target || holdsStill(hold, member)),
    heard: state.heard,
    override: at.release?.override?.reach === "full" ? at.release.override : undefined,
    skips: at.release?.skips ?? [],
  };
  return proposed === undefined ? landed : saidBesides(member, landed, proposed);
}

/** The state that says what people have told a member about its step to come; undefined where no branch does. A wave's open pull request may not know of it yet. */
export function proposedTo({ pull, kept }: Pick<Member, "pull" | "kept">): ServiceState | undefined {
  return kept === undefined ? pull?.proposed : kept.proposed;
}

/** Whether the step's branch is there, and as it should be, to take down what people say. */
export function takesWords({ pull, kept }: Pick<Member, "pull" | "kept">): boolean {
  return pull === undefined ? kept !== undefined : pull.current;
}

/** What held a pull request by its being closed has let go where that was merged after all, and not where others of the wave went on without. */
function holdsStill({ closed, at: since }: Hold, { at, changedAt }: Member): boolean {
  return at.release !== undefined && (closed === undefined || (since !== undefined && since > changedAt));
}

function saidBesides(member: Member, landed: Said, { holds, heard, targets }: ServiceState): Said {
  const { target, at, pull, kept } = member;
  const release = targets.get(target)?.release;
  const open = kept === undefined ? pull?.number : kept.pull;
  const isBehind = release?.step === at.release?.step;
  // A re-opened pull request lifts the hold that its closing was.
  const own = holds.filter((hold) => hold.target === target && (hold.closed === undefined || hold.closed !== open));
  return {
    // What was said to others that shared the branch is theirs to keep, and to lift.
    holds: [...landed.holds.filter((hold) => hold.target !== target), ...own],
    heard: Math.max(heard, landed.heard),
    override: isBehind ? overrideBehind(at, release, landed) : (release?.override ?? landed.override),
    skips: withSkips(landed.skips, release?.skips ?? []),
  };
}

/** Each gate once; what was said of it later counts. */
function withSkips(earlier: readonly Skip[], later: readonly Skip[]): readonly Skip[] {
  return [...earlier.filter(({ gate }) => later.every((skip) => skip.gate !== gate)), ...later];
}

/** Whoever stays behind its wave stands in that state as it has landed, with what was said since; a word that let that step merge is for no other. */
function overrideBehind(at: TargetState, proposed: ReleaseState | undefined, landed: Said): Override | undefined {
  const word = proposed?.override;
  return isSameWord(word, at.release?.override) ? landed.override : word;
}

/** Whether two words are one. */
export function isSameWord(one: Override | Skip | undefined, two: Override | Skip | undefined): boolean {
  return one?.by === two?.by && one?.comment === two?.comment;
}

/** The release of a member that stays behind its wave, with what was said to it: the state has no other place for that. */
export function releaseBehind({ at: { release } }: Member, { override, skips }: Said): ReleaseState | undefined {
  if (release === undefined) return undefined;
  // What let the landed step merge stays on record; what reached further is lifted by a hold.
  const landed = release.override?.reach === "full" ? undefined : release.override;
  return { ...release, override: override ?? landed, skips };
}

/** The commit that the step's pull request carries; undefined where no step is to come. */
export function proposalOf(member: Member, base: Sha, said: Said = saidOf(member)): Change | undefined {
  const step = nextStep(member);
  if (step === undefined) return undefined;
  const isRollout = member.at.manifests.layout === "rollout";
  // An Argo Rollout's stable has the new version when its promotion has been seen, and not because git says so.
  const records = step.kind === (isRollout ? "rest" : "promote");
  const testers = step.kind === "testers";
  const { mirror } = step;
  const at: TargetState = {
    ...byWeightAlone(records ? withStable(member.at, member.manifest.canary) : member.at),
    weight: step.weight,
    ...(testers && { testers }),
    ...(mirror !== undefined && { mirror }),
    release: step.kind === "rest" ? undefined : releaseAt(member, step, said),
  };
  return {
    ...nothing(member, base),
    weight: step.weight,
    testers,
    mirror,
    canaryReplicas: step.replicas,
    stableTemplate: records && !isRollout ? { kind: "fromCanary" } : undefined,
    state: { ...withTarget(member, at), holds: said.holds, heard: said.heard },
  };
}

/** The target with testers among everybody, and no copies of requests. */
export function byWeightAlone({ testers: _, mirror: __, ...at }: TargetState): TargetState {
  return at;
}

/** A change of the member's state alone; the parts that are to change are spread over it. */
export function nothing(member: Member, base: Sha): Change {
  return {
    service: member.state.service,
    target: member.target,
    base,
    weight: undefined,
    canaryReplicas: undefined,
    stableTemplate: undefined,
    canaryTemplate: undefined,
    state: member.state,
  };
}

export function withTarget({ state, target }: Member, at: TargetState): ServiceState {
  return { ...state, targets: new Map([...state.targets, [target, at]]) };
}

function releaseAt(member: Member, step: Step, { override, skips }: Said): ReleaseState {
  const begun = member.at.release ?? begin(member);
  return { ...begun, step: step.index, ...carried(member), override, skips };
}

/** What a release is from its first commit to its last. */
export function begin({
  at,
  manifest,
  bump,
  planName,
}: Member): Omit<ReleaseState, "step" | "evidence" | "latency" | "gauges" | "override" | "skips"> {
  if (bump === undefined) throw new Error("A release begins with a bump.");
  const { image, template } = manifest.canary;
  return {
    image,
    from: at.stable,
    template,
    commit: bump.commit,
    source: bump.source,
    since: bump.at,
    plan: planName,
    aborting: undefined,
  };
}

/**
 * The log-sums of the steps before the running one, fixed at the branch's first push so that looking never changes a head.
 * While the provider is down: what the tracked branch carries; the windows since then are read again later.
 */
function carried(member: Member): Pick<ReleaseState, "evidence" | "latency" | "gauges"> {
  const { release } = member.at;
  if (release === undefined) return { evidence: NO_EVIDENCE };
  const pushed = member.pull?.proposed?.targets.get(member.target)?.release;
  if (pushed?.step === release.step + 1 && pushed.commit === release.commit)
    return { evidence: pushed.evidence, latency: pushed.latency, gauges: pushed.gauges };
  return {
    evidence: evidenceBefore(member, release),
    latency: carriedLatency(member, release),
    gauges: carriedGauges(member, release),
  };
}

function carriedLatency(member: Member, release: ReleaseState): LatencyMemory | undefined {
  if (member.timeline.kind === "unavailable") return release.latency;
  const found = latencyBefore(member, release, member.timeline.value);
  return found.kind === "known" ? found.memory : undefined;
}

function carriedGauges(member: Member, release: ReleaseState): GaugeMemory | undefined {
  if (member.timeline.kind === "unavailable") return release.gauges;
  const found = gaugesBefore(member, release, member.timeline.value);
  return found.length === 0 ? undefined : found;
}

/** Evidence of all the steps before the one that runs, as far as the provider tells. */
export function evidenceBefore(member: Member, release: ReleaseState): Evidence {
  if (member.timeline.kind === "unavailable") return release.evidence;
  return segments(member, member.timeline.value)
    .filter(({ step }) => step < release.step)
    .reduce(
      (evidence, { step, windows }) => ({ ...addWindows(evidence, windows, member.policy.gate), through: step }),
      release.evidence,
    );
}
