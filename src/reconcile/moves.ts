import type { Action, Fall, Land } from "../core/action.ts";
import type { Change } from "../core/change.ts";
import type { Sha } from "../core/names.ts";
import { dueIn, optBranchOf } from "../core/opting.ts";
import type { Refusal } from "../core/snapshot.ts";
import type { Lane, MergeOutcome } from "../ports/forge.ts";
import type { Declined } from "../ports/git.ts";
import { fallCheck, unconcernedCheck } from "../render/check.ts";
import { abortWaits, replyComment, replyTopic } from "../render/comment.ts";
import { fallMessage, mergeMessage, offerMessage, stepMessage, type Message } from "../render/commit.ts";
import { optMessage } from "../render/opt-message.ts";
import { optPull } from "../render/opt-pull.ts";
import { fallPull, offerPull, stepPull } from "../render/pull.ts";
import { brings } from "./brings.ts";
import type { Hands } from "./hands.ts";
import { MayHaveLanded } from "./may-have-landed.ts";
import { textsOf } from "./texts.ts";
import type { Carried } from "./turns.ts";
import { writable } from "./writable.ts";

type Of<Kind extends Action["kind"]> = Extract<Action, { readonly kind: Kind }>;

/** Pushes the step's commit and opens its pull request, or brings both up to date. One that a person closed stays closed. */
export async function propose(
  { member, fellows, step, change, branch, pull }: Of<"propose">,
  hands: Hands,
): Promise<void> {
  const sha = await commitOf(change, stepMessage(member, step, change, fellows), hands);
  const open = async () => {
    const { title, body } = stepPull(member, step, fellows);
    hands.opened(branch, await hands.forge.openPull({ branch, base: hands.branch, title, body }, "step"));
  };
  // Where a closed one is followed by another, the branch holds until that is open: a crash in between must not close it again.
  const isThere = [member, ...(fellows ?? [])].some(({ kept }) => kept?.branch === branch);
  if (pull === "open" && isThere) await open();
  await push({ branch, sha, lane: "step" }, hands);
  if (pull === "open" && !isThere) await open();
  await hands.lookAgain();
}

/** Opens the pull request that sends a weight without a release to 0, and leaves its merge to people. */
export async function offer({ member, change, branch }: Of<"offer">, hands: Hands): Promise<void> {
  const sha = await commitOf(change, offerMessage(member), hands);
  await push({ branch, sha, lane: "step" }, hands);
  const { title, body } = offerPull(member);
  hands.opened(branch, await hands.forge.openPull({ branch, base: hands.branch, title, body }, "step"));
  await hands.lookAgain();
}

/** Pushes what opts a service in or out, and opens its pull request; its merge is people's. What the repository's rules decline is tried again later. */
export async function opt({ due: { change, anew }, isPlayed }: Of<"opt">, hands: Hands): Promise<void> {
  const { git, forge, branch: base, declining } = hands;
  const branch = optBranchOf(change.wish);
  const until = declining.until(branch);
  if (until !== undefined) return hands.wakeAt(until);
  const { at } = await git.commit(change.base);
  const message = wholeOf(optMessage(change));
  const sha = await git.write({ parent: change.base, files: change.files, message, at });
  const words = optPull(change, isPlayed);
  // Before the push: whoever dies in between has it still to push, and says this again.
  if (anew !== undefined) await forge.rewordPull(anew, words);
  const declined = await declinedBy(() => push({ branch, sha, lane: "step" }, hands));
  if (declined !== undefined) {
    await hands.wakeAt(declining.declined(branch, declined.why));
    return hands.lookAgain();
  }
  declining.taken(branch);
  hands.opened(branch, await forge.openPull({ branch, base, ...words }, "step"));
  await hands.lookAgain();
}

async function declinedBy(work: () => Promise<void>): Promise<Declined | undefined> {
  try {
    await work();
  } catch (failure) {
    if (isDeclined(failure)) return failure;
    throw failure;
  }
  return undefined;
}

function isDeclined(failure: unknown): failure is Declined {
  if (!(failure instanceof Error) || !("fault" in failure) || !("why" in failure)) return false;
  return failure.fault === "declined" && typeof failure.why === "string";
}

/** Says what is declined, once; the answer takes its place when there is one. What this look has pushed after all is not said to be. */
export async function tellDeclined({ asked }: Of<"tellDeclined">, { forge, declining }: Hands): Promise<void> {
  const { comment, said } = asked;
  const branches = said.flatMap(dueIn).map(({ change }) => optBranchOf(change.wish));
  const held = branches.filter((branch) => declining.until(branch) !== undefined);
  if (held.length === 0) return;
  const reply = { kind: "reply", comment, answers: [], optings: said } as const;
  await forge.say(comment.pull, replyTopic(reply), replyComment(reply));
  for (const branch of held) declining.told(branch, comment.id);
}

/** Lets heads pass on which the rules wait for checks that have nothing to say there. */
export async function reportUnconcerned({ unconcerned }: Of<"reportUnconcerned">, { forge }: Hands): Promise<void> {
  for (const name of unconcerned.checks) {
    // oxlint-disable-next-line no-await-in-loop -- at most three, and GitHub wants one write after the other
    await forge.report(unconcernedCheck(unconcerned, name), "talk");
  }
}

/** The longest that a refused step is left alone for, where nothing has changed and no review has come. */
const LEAVE_STEP_MS = 15 * 60_000;
/** The same for what is merged at once, and for what GitHub has not decided. */
const LEAVE_MS = 60_000;

/** Merges a step, pinned to the head that was judged. What GitHub refuses waits for people; whatever else keeps it from merging is thrown, and looked at again. */
export async function merge(action: Of<"merge">, hands: Hands): Promise<void> {
  const { number, headSha } = action;
  const outcome = await hands.forge.mergePull(number, headSha, mergeMessage(action), "step");
  const no = hands.noOf(headSha, outcome);
  if (no !== undefined) {
    hands.refused(headSha, { reason: no, mostMs: outcome.kind === "refused" ? LEAVE_STEP_MS : LEAVE_MS });
    return hands.lookAgain();
  }
  expectMerged(outcome, number);
  hands.landed(action);
  const branch = action.member.pull?.branch;
  await tidy(hands, branch === undefined ? [] : [{ branch, headSha }]);
}

/**
 * Commits a way back and merges it at once. Nothing is reported before the merge, so that no failure to report delays it,
 * unless the rules of the branch ask for our own check on it. Where they ask for people, those are called, and the rest of the look goes on.
 */
export async function land(action: Land, hands: Hands): Promise<Carried> {
  const { land: written, left } = await writable(action, hands);
  const carried = await landWritten(written, hands);
  // Whoever stays behind is looked at again, and said to whoever reads the log.
  if (left.length > 0) throw new MayHaveLanded(left.map(({ message }) => message).join("; "), { cause: left[0] });
  return carried;
}

async function landWritten(action: Land, hands: Hands): Promise<Carried> {
  const { member, fellows, fall, change, branch } = action;
  const lane: Lane = DOWN.has(fall.kind) ? "abort" : "step";
  const message = fallMessage(member, fall, fellows);
  const sha = (await approvable(action, hands)) ?? (await commitOf(change, message, hands));
  const refusal = hands.refusal(sha);
  if (refusal !== undefined) return waitUntil(refusal, hands);
  await push({ branch, sha, lane }, hands);
  const { title, body } = fallPull(member, fall, fellows);
  const number = await hands.forge.openPull({ branch, base: hands.branch, title, body }, lane);
  const outcome = await mergeUnderRules(action, { number, sha, lane, message }, hands);
  const no = hands.noOf(sha, outcome);
  if (no !== undefined) {
    await hands.forge.say(number, "waits", abortWaits(member, fall, no, member.policy.page));
    return waitUntil(hands.refused(sha, { reason: no, mostMs: LEAVE_MS }), hands);
  }
  expectMerged(outcome, number);
  hands.landed(action);
  await tidy(hands, [{ branch, headSha: sha }]);
  return "done";
}

/** What follows a merge. The merge stands whatever fails here; a branch that is left behind is litter to a later look. */
async function tidy(
  { git, lookAgain }: Hands,
  branches: readonly { readonly branch: string; readonly headSha: Sha }[],
): Promise<void> {
  try {
    await lookAgain();
    await Promise.all(branches.map(({ branch, headSha }) => git.remove(branch, headSha)));
  } catch (cause) {
    throw new MayHaveLanded(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function waitUntil({ until }: Refusal, { wakeAt }: Hands): Promise<Carried> {
  await wakeAt(until);
  return "waits";
}

/** The commit that is on the branch already, where it makes this change on what the tracked branch still holds: people's approvals of it stay. */
async function approvable({ change, branch }: Land, { git, readings, refs }: Hands): Promise<Sha | undefined> {
  const commit = refs.get(`refs/heads/${branch}`);
  if (commit === undefined || !(await git.commit(commit)).ours) return undefined;
  const isIt = await brings(git, { commit, base: change.base }, await textsOf(change, { git, readings }));
  return isIt ? commit : undefined;
}

/** What takes weight away may use the reserve that is kept for it. */
const DOWN: ReadonlySet<Fall["kind"]> = new Set(["abort", "lower", "toZero"]);

type Landing = { readonly number: number; readonly sha: Sha; readonly lane: Lane; readonly message: Message };

/** The rules may ask for our own checks, which are given as soon as GitHub refuses. */
async function mergeUnderRules(
  { member, fall }: Land,
  { number, sha, lane, message }: Landing,
  { forge }: Hands,
): Promise<MergeOutcome> {
  const first = await forge.mergePull(number, sha, message, lane);
  if (first.kind !== "refused") return first;
  await forge.report(fallCheck(member, fall, sha), lane);
  await forge.report(unconcernedCheck({ headSha: sha, checks: ["tidegate/plan"] }, "tidegate/plan"), lane);
  const second = await forge.mergePull(number, sha, message, lane);
  // Seldom required: it costs an abort nothing where it is not.
  if (second.kind !== "refused" || !/check/i.test(second.reason)) return second;
  await forge.report(unconcernedCheck({ headSha: sha, checks: ["tidegate/policy"] }, "tidegate/policy"), lane);
  return forge.mergePull(number, sha, message, lane);
}

export async function close({ pull }: Of<"close">, { forge, git, closed }: Hands): Promise<void> {
  await forge.closePull(pull.number);
  closed(pull.number);
  await git.remove(pull.branch, pull.headSha);
}

/** Makes the commit of a change: the same change on the same base is the same commit, whenever and by whichever process it is made. */
async function commitOf(change: Change, message: Message, { git, readings }: Hands): Promise<Sha> {
  const files = await textsOf(change, { git, readings });
  const { at } = await git.commit(change.base);
  return git.write({ parent: change.base, files, message: wholeOf(message), at });
}

function wholeOf({ title, body }: Message): string {
  return `${title}\n\n${body}`;
}

type Push = { readonly branch: string; readonly sha: Sha; readonly lane: Lane };

async function push({ branch, sha, lane }: Push, { git, refs }: Hands): Promise<void> {
  const outcome = await git.push(branch, sha, refs.get(`refs/heads/${branch}`), lane);
  if (outcome === "moved") throw new Error(`The branch ${branch} was moved by somebody else meanwhile.`);
}

function expectMerged(outcome: MergeOutcome, number: number): void {
  if (outcome.kind === "merged") return;
  const words = "reason" in outcome ? `: ${outcome.reason}` : "";
  const what = `Pull request #${number} was not merged (${outcome.kind})${words}.`;
  throw outcome.kind === "unknown" ? new MayHaveLanded(what) : new Error(what);
}
