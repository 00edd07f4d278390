import { branchOf, stepBranchOf } from "../core/action.ts";
import { divergence } from "../core/divergence.ts";
import type { Name } from "../core/names.ts";
import { unavailable } from "../core/reading.ts";
import type { Leftover, Member, StepPull } from "../core/snapshot.ts";
import type { Override, ReleaseState, ServiceState, Skip } from "../core/state.ts";
import { isWaiting, proposedTo } from "../core/proposal.ts";
import { isMovedIn } from "../core/sets.ts";
import { wantedBranch, wantedChange } from "../core/wanted.ts";
import type { Pull } from "../ports/forge.ts";
import { brings } from "./brings.ts";
import { keptOf } from "./kept.ts";
import type { Backing } from "./people.ts";
import { ancestryOf, proposedAt } from "./proposed.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";
import { textsOf, Unwritable } from "./texts.ts";

/** Finds the pull request of the step to come among those of ours, or the branch that is left of it; what is left over has no purpose any more. */
export async function withBranch(scene: Scene, member: UnmeasuredMember): Promise<UnmeasuredMember> {
  const full = asMember(member);
  const wanted = wantedBranch(full);
  const found = openIn(scene, full, wanted);
  const open = found && (await openPullOf(scene, member, found));
  if (wanted === undefined) return { ...member, leftovers: leftoversOf(full, [open?.number]), pull: open };
  const { kept, draft } = await keptOf(scene, member, { branch: wanted, open });
  const obstacle = member.obstacle ?? (draft === undefined ? undefined : heldByDraft(draft));
  return { ...member, leftovers: leftoversOf(full, [open?.number, kept?.pull, draft]), pull: open, kept, obstacle };
}

function heldByDraft(number: number): string {
  return `#${number}, the step's pull request before its wave changed, is a draft`;
}

function openIn({ pulls }: Scene, member: Member, wanted: string | undefined): Pull | undefined {
  const ours = pulls.filter((pull) => pull.ours && !pull.fromFork);
  return ours.find(({ branch }) => branch === wanted) ?? ours.find(({ branch }) => isStranded(branch, member));
}

/** What is open for a member and has no purpose any more; those are left alone whose numbers are given. */
function leftoversOf(member: Member, others: readonly (number | undefined)[]): readonly Leftover[] {
  return member.leftovers.filter(({ branch, number }) => !others.includes(number) && !isWayBack(branch, member));
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

/** A person's word on a branch that has not landed: it counts only while its comment stands. */
export function needsBacking(member: UnmeasuredMember): boolean {
  const { target, at } = member;
  const proposed = proposedTo(member)?.targets.get(target)?.release;
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
  const [open, former] = await Promise.all(
    [pull, kept].map(async (one) => one?.proposed && backedState(one.proposed, member, backs)),
  );
  return {
    member: {
      ...member,
      pull: pull && { ...pull, proposed: open?.state },
      kept: kept && { ...kept, proposed: former?.state },
    },
    isSettled: pull?.foreign === undefined && (pull === undefined || (open ?? former)?.isKnown !== false),
  };
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
