import { isFormer } from "../core/action.ts";
import type { Sha } from "../core/names.ts";
import { isMovedIn, isToldIn } from "../core/sets.ts";
import type { KeptBranch, StepPull } from "../core/snapshot.ts";
import type { ServiceState } from "../core/state.ts";
import type { Pull } from "../ports/forge.ts";
import { ancestryOf, proposedAt } from "./proposed.ts";
import { newestOfOurs } from "./release-pulls.ts";
import { pathOf } from "./readings.ts";
import type { Scene, UnmeasuredMember } from "./scene.ts";

/** The branch that the step to come is to have, and what is open on it. */
export type Wanted = { readonly branch: string; readonly open: StepPull | undefined };

/** What tells of a step besides the pull request that it is to have. */
export type Kept = {
  /** The branch that says what people have told the member of it, where that is none that is open, or one that it had before its wave changed. */
  readonly kept: KeptBranch | undefined;
  /** The number of the pull request that it had before, where somebody has made that a draft: a hold. */
  readonly draft: number | undefined;
};

/** Finds where people have spoken to a member of its step to come, if not on its open pull request. */
export async function keptOf(scene: Scene, member: UnmeasuredMember, { branch, open }: Wanted): Promise<Kept> {
  const formers = await Promise.all(formerPulls(scene, member, branch).map((pull) => openFormer(scene, member, pull)));
  const [former] = formers.flatMap((one) => one?.kept ?? []);
  const draft = formers.find((one) => one?.draft === true)?.kept.pull;
  if (open !== undefined && (open.proposed === undefined || isToldIn(member, open.proposed)))
    return { kept: undefined, draft };
  const own = open === undefined && former === undefined ? await wantedAt(scene, member, branch) : undefined;
  return { kept: former ?? own ?? (await closedFormer(scene, member, branch)), draft };
}

async function closedFormer(scene: Scene, member: UnmeasuredMember, wanted: string): Promise<KeptBranch | undefined> {
  const found = formerBranches(scene, member, wanted).map((branch) => formerAt(scene, member, branch));
  return (await Promise.all(found)).find((one) => one !== undefined);
}

/** Newest first. */
function formerPulls({ pulls }: Scene, member: UnmeasuredMember, wanted: string): readonly Pull[] {
  return pulls
    .filter(({ ours, fromFork, branch }) => ours && !fromFork && isFormer(member, branch, wanted))
    .toSorted((one, two) => two.number - one.number);
}

function formerBranches({ refs }: Scene, member: UnmeasuredMember, wanted: string): readonly string[] {
  return [...refs.keys()]
    .filter((ref) => ref.startsWith(HEADS) && isFormer(member, ref.slice(HEADS.length), wanted))
    .map((ref) => ref.slice(HEADS.length));
}

const HEADS = "refs/heads/";

async function openFormer(
  scene: Scene,
  member: UnmeasuredMember,
  { branch, number, draft }: Pull,
): Promise<{ readonly kept: KeptBranch & { readonly pull: number }; readonly draft: boolean } | undefined> {
  const found = await formerAt(scene, member, branch);
  return found && { kept: { ...found, pull: number }, draft };
}

async function formerAt(scene: Scene, member: UnmeasuredMember, branch: string): Promise<KeptBranch | undefined> {
  const found = await branchAt(scene, member, branch);
  return found?.proposed !== undefined && isToldIn(member, found.proposed) ? found : undefined;
}

async function wantedAt(scene: Scene, member: UnmeasuredMember, branch: string): Promise<KeptBranch | undefined> {
  const found = await branchAt(scene, member, branch);
  return found?.proposed !== undefined && isOthers(member, found.proposed) ? undefined : found;
}

async function branchAt(scene: Scene, member: UnmeasuredMember, branch: string): Promise<KeptBranch | undefined> {
  const headSha = scene.refs.get(`${HEADS}${branch}`);
  if (headSha === undefined) return undefined;
  const landed = await landedBy(scene, member);
  const { ours } = await ancestryOf(scene, headSha);
  const proposed = ours && (await proposedAt(scene, member, ours));
  // A release that was sent back comes to steps that have landed once, and what was said to them then is over.
  const isNewer = landed === undefined || (await scene.eyes.git.contains(headSha, landed));
  return isNewer || isHeldSince(member, proposed) ? { branch, headSha, proposed } : undefined;
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

/** Whether a pull request, open or not, is or was of the step that a member has to come: its wave may have changed since. */
export async function isToldOn(scene: Scene, member: UnmeasuredMember, pull: number): Promise<boolean> {
  const made = await newestOfOurs(scene.eyes.git, scene.head, scene.refs.get(`refs/pull/${pull}/head`));
  const proposed = made && (await proposedAt(scene, member, made.sha));
  const release = proposed?.targets.get(member.target)?.release;
  const isOfRelease = release?.commit === (member.at.release?.commit ?? member.bump?.commit);
  return proposed !== undefined && isOfRelease && isToldIn(member, proposed);
}
