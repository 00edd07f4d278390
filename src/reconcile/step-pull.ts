import { branchOf, leafOf } from "../core/action.ts";
import type { Sha } from "../core/names.ts";
import { nextStep, proposalOf } from "../core/proposal.ts";
import { unavailable } from "../core/reading.ts";
import type { Leftover, Member, StepPull } from "../core/snapshot.ts";
import type { ServiceState } from "../core/state.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import type { People } from "./people.ts";
import { pathOf } from "./readings.ts";
import { textsOf } from "./texts.ts";

/** Finds the pull request of the step to come among those of ours; what is left over has no purpose any more. */
export async function withPull(scene: Scene, member: UnmeasuredMember, people: People): Promise<UnmeasuredMember> {
  const full = asMember(member);
  const step = nextStep(full);
  const wanted = step === undefined ? undefined : branchOf(full, leafOf(step));
  const open = member.leftovers.find(({ branch }) => branch === wanted);
  const leftovers = member.leftovers.filter(({ branch }) => branch !== wanted && !isFall(branch, full));
  if (open === undefined) return { ...member, leftovers };
  return { ...member, pull: await stepPullOf(scene, member, { open, people }), leftovers };
}

/** A way back that is not merged yet is found again by its branch, and finished. */
function isFall(branch: string, member: Member): boolean {
  return member.bump !== undefined && FALLS.some((leaf) => branch === branchOf(member, leaf));
}

const FALLS = ["abort", "lower", "take-back"];

type Found = { readonly open: Leftover; readonly people: People };

async function stepPullOf(scene: Scene, member: UnmeasuredMember, { open, people }: Found): Promise<StepPull> {
  const { git, readings } = scene.eyes;
  const path = pathOf(member.state.service);
  const reading = readings.state(path, (await git.read(open.headSha, [path])).get(path));
  const proposed = reading.kind === "read" ? withBackedOverride(reading.value, member, people) : undefined;
  const pull: StepPull = { ...open, proposed, current: false };
  return { ...pull, current: await isCurrent(scene, { ...member, pull }) };
}

/** An override counts only while the comment that gave it is there, by someone who may give it. */
function withBackedOverride(state: ServiceState, member: UnmeasuredMember, people: People): ServiceState {
  const { target } = member;
  const at = state.targets.get(target);
  const override = at?.release?.override;
  if (at?.release === undefined || override === undefined || people.backs(override, member)) return state;
  const release = { ...at.release, override: undefined };
  return { ...state, targets: new Map([...state.targets, [target, { ...at, release }]]) };
}

/** The head changes exactly what the step changes, from files that are what the tracked branch holds, and nothing else. */
async function isCurrent({ head, eyes }: Scene, member: UnmeasuredMember): Promise<boolean> {
  const { pull } = member;
  const change = proposalOf(asMember(member), head);
  if (pull?.proposed === undefined || change === undefined) return false;
  const { git } = eyes;
  const wanted = await textsOf(change, eyes);
  const paths = [...wanted.keys()];
  const parent = (await git.commit(pull.headSha)).parents[0];
  if (parent === undefined) return false;
  const [there, base, tracked] = await Promise.all(
    [pull.headSha, parent, head].map((commit) => git.read(commit, paths)),
  );
  if (there === undefined || base === undefined || tracked === undefined) return false;
  const isAsWanted = paths.every(
    (path) => there.get(path)?.text === wanted.get(path) && base.get(path)?.id === tracked.get(path)?.id,
  );
  return isAsWanted && (await changesOnly(git, { parent, head: pull.headSha }, new Set(paths)));
}

async function changesOnly(
  git: Scene["eyes"]["git"],
  { parent, head }: { readonly parent: Sha; readonly head: Sha },
  paths: ReadonlySet<string>,
): Promise<boolean> {
  return (await git.changed(parent, head)).every((path) => paths.has(path));
}

/** What a step's content is made of does not depend on measurements once its branch is pushed. */
function asMember(member: UnmeasuredMember): Member {
  return { ...member, timeline: unavailable("not asked yet") };
}
