import { branchOf, stepBranchOf } from "../core/action.ts";
import { divergence } from "../core/divergence.ts";
import type { Name, Sha } from "../core/names.ts";
import { unavailable } from "../core/reading.ts";
import type { Edit, KeptBranch, Member, StepPull } from "../core/snapshot.ts";
import type { Override, ReleaseState, ServiceState, Skip } from "../core/state.ts";
import { isWaiting } from "../core/proposal.ts";
import { isMovedIn } from "../core/sets.ts";
import { wantedBranch, wantedChange } from "../core/wanted.ts";
import type { Pull } from "../ports/forge.ts";
import { brings } from "./brings.ts";
import { pathOf } from "./readings.ts";
import type { Backing } from "./people.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import { textsOf, Unwritable } from "./texts.ts";

/** Finds the pull request of the step to come among those of ours, or the branch that is left of it; what is left over has no purpose any more. */
export async function withBranch(scene: Scene, member: UnmeasuredMember): Promise<UnmeasuredMember> {
  const full = asMember(member);
  const wanted = wantedBranch(full);
  const ours = scene.pulls.filter((pull) => pull.ours && !pull.fromFork);
  const open = ours.find(({ branch }) => branch === wanted) ?? ours.find(({ branch }) => isStranded(branch, full));
  const leftovers = member.leftovers.filter(({ branch }) => branch !== open?.branch && !isWayBack(branch, full));
  if (open !== undefined) return { ...member, leftovers, pull: await openPullOf(scene, member, open) };
  if (wanted === undefined) return { ...member, leftovers };
  const kept = await keptBranchOf(scene, member, wanted);
  return { ...member, leftovers, kept };
}

/** The steps were changed under a release: its open step, which is none of them any more, stays where people are told so and can say what is to be. */
function isStranded(branch: string, member: Member): boolean {
  const prefix = stepBranchOf(member, "");
  return divergence(member)?.kind === "plan" && branch.startsWith(prefix) && /^\d+-/.test(branch.slice(prefix.length));
}

/** A commit of a way back that is not merged yet is found again by its branch, and finished, while there is something to take back. */
function isWayBack(branch: string, member: Member): boolean {
  return (
    (member.at.release !== undefined || isWaiting(member)) && WAY_BACK.some((leaf) => branch === branchOf(member, leaf))
  );
}

const WAY_BACK = ["abort", "lower", "take-back"];

async function openPullOf(scene: Scene, member: UnmeasuredMember, open: Pull): Promise<StepPull> {
  const { number, branch, headSha, draft } = open;
  const { ours, foreign } = await ancestryOf(scene, headSha);
  const proposed = ours && (await proposedAt(scene, member, ours));
  const moves = movedIn(member, proposed);
  return { number, branch, headSha, draft, foreign, moves, proposed, current: false };
}

/** Which targets of a wave a proposed state moves on from where they stand. */
function movedIn(
  { state, target: own, fellows }: UnmeasuredMember,
  proposed: ServiceState | undefined,
): readonly Name[] {
  if (proposed === undefined) return [];
  const wave = new Set([own, ...fellows]);
  return [...state.targets].flatMap(([target, at]) =>
    wave.has(target) && isMovedIn({ target, at }, proposed) ? [target] : [],
  );
}

async function keptBranchOf(scene: Scene, member: UnmeasuredMember, branch: string): Promise<KeptBranch | undefined> {
  const headSha = scene.refs.get(`refs/heads/${branch}`);
  if (headSha === undefined) return undefined;
  const landed = await landedBy(scene, member);
  const { ours } = await ancestryOf(scene, headSha);
  const proposed = ours && (await proposedAt(scene, member, ours));
  // A release that was sent back comes to steps that have landed once, and what was said to them then is over.
  const isNewer = landed === undefined || (await scene.eyes.git.contains(headSha, landed));
  if (!isNewer && !isHeldSince(member, proposed)) return undefined;
  return proposed !== undefined && isOthers(member, proposed) ? undefined : { branch, headSha, proposed };
}

/** The branch was there before the member came to the step, and a closing since then, which the member's fellows are held by too, was written onto it. */
function isHeldSince({ target, changedAt }: UnmeasuredMember, proposed: ServiceState | undefined): boolean {
  const holds = proposed?.holds ?? [];
  return holds.some(({ target: held, closed, at = 0 }) => held === target && closed !== undefined && at >= changedAt);
}

/** Others of the wave have moved on by a branch, and this one stayed behind. A closing is of all that stood there. */
function isOthers(member: UnmeasuredMember, proposed: ServiceState): boolean {
  const isClosed = proposed.holds.some(({ target, closed }) => target === member.target && closed !== undefined);
  return member.fellows.length > 0 && !isClosed && !isMovedIn(member, proposed);
}

/** As many changes of one state file as are made while a release stands at one step, and then some. */
const STATE_CHANGES = 60;

/** The commit since which the release stands where it does; undefined where none is under way. */
async function landedBy(scene: Scene, member: UnmeasuredMember): Promise<Sha | undefined> {
  const { release } = member.at;
  let landed: Sha | undefined;
  if (release === undefined) return undefined;
  for (const { sha } of await scene.eyes.git.history(scene.head, pathOf(member.state.service), STATE_CHANGES)) {
    // oxlint-disable-next-line no-await-in-loop -- newest first, no further than the step goes back
    const state = await proposedAt(scene, member, sha);
    if (state === undefined) continue;
    const then = state.targets.get(member.target)?.release;
    if (then?.commit !== release.commit || then.step !== release.step) break;
    landed = sha;
  }
  return landed;
}

type Ancestry = { readonly ours: Sha | undefined; readonly foreign: Edit | undefined };

/** As many commits of others on a branch of ours are looked through for our own. */
const MOST_COMMITS = 20;

/** The newest commit of ours on a branch, and the newest of somebody else's above it; merges of the base count as nobody's. */
async function ancestryOf({ eyes: { git } }: Scene, headSha: Sha): Promise<Ancestry> {
  let foreign: Edit | undefined;
  let next: Sha | undefined = headSha;
  for (let seen = 0; next !== undefined && seen < MOST_COMMITS; seen += 1) {
    // oxlint-disable-next-line no-await-in-loop -- from the head down, no further than our own commit
    const { ours, parents, author, at }: Awaited<ReturnType<typeof git.commit>> = await git.commit(next);
    if (ours) return { ours: next, foreign };
    if (parents.length < 2) foreign ??= { commit: next, by: author, at };
    next = parents[0];
  }
  return { ours: undefined, foreign };
}

/** What a commit of ours proposes. Holds are what the tracked branch says, and what the branch adds to it and takes from it: people may edit either. */
/** The state of the member's service at a commit; undefined where it cannot be read. */
async function proposedAt(scene: Scene, member: UnmeasuredMember, commit: Sha): Promise<ServiceState | undefined> {
  const proposed = await stateAt(scene, member, commit);
  const { holds } = member.state;
  if (proposed === undefined || (holds.length === 0 && proposed.holds.length === 0)) return proposed;
  const foundation = await foundationOf(scene, commit);
  const before = foundation && (await stateAt(scene, member, foundation));
  return { ...proposed, holds: rebased(proposed.holds, before?.holds ?? holds, holds) };
}

async function stateAt(
  { eyes: { git, readings } }: Scene,
  { state }: UnmeasuredMember,
  commit: Sha,
): Promise<ServiceState | undefined> {
  const path = pathOf(state.service);
  const reading = readings.state(path, (await git.read(commit, [path])).get(path));
  return reading.kind === "read" ? reading.value : undefined;
}

/** The commit of the tracked branch that one of ours was built on, with others of ours in between. */
async function foundationOf({ head, eyes: { git } }: Scene, commit: Sha): Promise<Sha | undefined> {
  let next = (await git.commit(commit)).parents[0];
  for (let seen = 0; next !== undefined && seen < MOST_COMMITS; seen += 1) {
    // oxlint-disable-next-line no-await-in-loop -- from the commit down, no further than the tracked branch
    if (await git.contains(head, next)) return next;
    // oxlint-disable-next-line no-await-in-loop -- as above
    next = (await git.commit(next)).parents[0];
  }
  return undefined;
}

type Holds = ServiceState["holds"];

/** What is proposed on top of `before`, on top of `now`: a hold that people took out there is gone, one that they put in there is there. */
function rebased(proposed: Holds, before: Holds, now: Holds): Holds {
  const kept = proposed.filter((hold) => has(now, hold) || !has(before, hold));
  const added = now.filter((hold) => !has(before, hold) && kept.every(({ target }) => target !== hold.target));
  return [...kept, ...added];
}

function has(holds: Holds, { target, by, comment, closed, at, reason }: Holds[number]): boolean {
  return holds.some(
    (one) =>
      one.target === target &&
      one.by === by &&
      one.comment === comment &&
      one.closed === closed &&
      one.at === at &&
      one.reason === reason,
  );
}

/** A person's word on a branch that has not landed: it counts only while its comment stands. */
export function needsBacking({ pull, kept, target, at }: UnmeasuredMember): boolean {
  const proposed = (pull ?? kept)?.proposed?.targets.get(target)?.release;
  const { override, skips = [] } = proposed ?? {};
  return (
    (override !== undefined && !isSame(override, at.release?.override)) ||
    skips.some((skip) => !isSame(skip, skipOf(at.release, skip)))
  );
}

function isSame(word: Override | Skip, landed: Override | Skip | undefined): boolean {
  return landed !== undefined && landed.by === word.by && landed.comment === word.comment;
}

/** What has landed of the same gate. */
function skipOf(landed: ReleaseState | undefined, { gate }: Skip): Skip | undefined {
  return landed?.skips.find((one) => one.gate === gate);
}

/** The members whose words are backed, and whose pull requests are compared with what their steps would write now. */
export async function withBackedPulls(
  scene: Scene,
  members: readonly UnmeasuredMember[],
  backs: Backing,
): Promise<readonly UnmeasuredMember[]> {
  const backed = await Promise.all(members.map((member) => withBackedPull(member, backs)));
  const sets = Map.groupBy(backed, ({ member }) => member.pull?.number);
  const current = await Promise.all(
    [...sets].map(async ([number, set]) => {
      if (number === undefined || set.some(({ isSettled }) => !isSettled)) return [];
      return (await isCurrent(
        scene,
        set.map(({ member }) => member),
      ))
        ? [number]
        : [];
    }),
  );
  const are = new Set(current.flat());
  return backed.map(({ member }) => {
    const { pull } = member;
    return pull === undefined ? member : { ...member, pull: { ...pull, current: are.has(pull.number) } };
  });
}

/** `isSettled`: nobody else's commit is on the branch, and it is known whether each word still counts; till then it is kept, and nothing merges on it. */
type BackedMember = { readonly member: UnmeasuredMember; readonly isSettled: boolean };

async function withBackedPull(member: UnmeasuredMember, backs: Backing): Promise<BackedMember> {
  const { pull, kept } = member;
  if (pull === undefined) {
    const backed = kept?.proposed && (await backedState(kept.proposed, member, backs));
    const isSettled = true;
    return kept === undefined
      ? { member, isSettled }
      : { member: { ...member, kept: { ...kept, proposed: backed?.state } }, isSettled };
  }
  const backed = pull.proposed && (await backedState(pull.proposed, member, backs));
  const isSettled = pull.foreign === undefined && backed?.isKnown !== false;
  return { member: { ...member, pull: { ...pull, proposed: backed?.state } }, isSettled };
}

type Backed = { readonly state: ServiceState; readonly isKnown: boolean };

async function backedState(state: ServiceState, member: UnmeasuredMember, backs: Backing): Promise<Backed> {
  const { target, at: landed } = member;
  const at = state.targets.get(target);
  if (at?.release === undefined) return { state, isKnown: true };
  const { override, skips } = at.release;
  const standing = async (
    word: Override | Skip | undefined,
    verb: "promote" | "skip",
    before: Override | Skip | undefined,
  ) => (word === undefined || isSame(word, before) ? "stands" : backs(word, verb, member));
  const [promoted, ...skipped] = await Promise.all([
    standing(override, "promote", landed.release?.override),
    ...skips.map((skip) => standing(skip, "skip", skipOf(landed.release, skip))),
  ]);
  const release = {
    ...at.release,
    override: promoted === "withdrawn" ? undefined : override,
    skips: skips.filter((_, index) => skipped[index] !== "withdrawn"),
  };
  return {
    state: { ...state, targets: new Map([...state.targets, [target, { ...at, release }]]) },
    isKnown: promoted !== "unknown" && !skipped.includes("unknown"),
  };
}

/** The head changes exactly what the step changes for all that it is of, from files that are what the tracked branch holds, and nothing else. */
async function isCurrent({ head, eyes }: Scene, members: readonly UnmeasuredMember[]): Promise<boolean> {
  const [first] = members;
  const change = wantedChange(members.map(asMember), head);
  if (first?.pull?.proposed === undefined || change === undefined) return false;
  const texts = await textsOf(change, eyes).catch(noneIfUnwritable);
  return texts !== undefined && brings(eyes.git, { commit: first.pull.headSha, base: head }, texts);
}

/** One member's file that cannot be edited must not keep the others from being looked at. */
function noneIfUnwritable(failure: unknown): undefined {
  if (!(failure instanceof Unwritable)) throw failure;
}

/** What a step's content is made of does not depend on measurements once its branch is pushed. */
export function asMember(member: UnmeasuredMember): Member {
  return { ...member, timeline: unavailable("not asked yet") };
}
