import type { Action } from "../core/action.ts";
import type { Change } from "../core/change.ts";
import type { Sha } from "../core/names.ts";
import type { Lane, MergeOutcome } from "../ports/forge.ts";
import { fallCheck } from "../render/check.ts";
import { fallMessage, mergeMessage, stepMessage, type Message } from "../render/commit.ts";
import { fallPull, stepPull } from "../render/pull.ts";
import type { Hands } from "./hands.ts";
import { textsOf } from "./texts.ts";

type Of<Kind extends Action["kind"]> = Extract<Action, { readonly kind: Kind }>;

/** Pushes the step's commit and opens its pull request, or brings both up to date. */
export async function propose({ member, step, change, branch }: Of<"propose">, hands: Hands): Promise<void> {
  const { forge } = hands;
  const sha = await commitOf(change, stepMessage(member, step, change), hands);
  await push(branch, sha, hands);
  const { title, body } = stepPull(member, step);
  await forge.openPull({ branch, base: hands.branch, title, body }, "step");
  await hands.lookAgain();
}

/** Merges a step, pinned to the head that was judged. What GitHub refuses is thrown, and the queue looks again later. */
export async function merge(action: Of<"merge">, hands: Hands): Promise<void> {
  const outcome = await hands.forge.mergePull(action.number, action.headSha, mergeMessage(action), "step");
  expectMerged(outcome, action.number);
  await hands.lookAgain();
  if (action.member.pull !== undefined) await hands.git.remove(action.member.pull.branch, action.headSha);
}

/**
 * Commits a way back and merges it at once. Nothing is reported before the merge, so that no failure to report delays it,
 * unless the rules of the branch ask for our own check on it.
 */
export async function land({ member, fall, change, branch }: Of<"land">, hands: Hands): Promise<void> {
  const { git, forge } = hands;
  const lane: Lane = fall.kind === "takeBack" ? "step" : "abort";
  const message = fallMessage(member, fall);
  const sha = await commitOf(change, message, hands);
  await push(branch, sha, hands);
  const { title, body } = fallPull(member, fall);
  const number = await forge.openPull({ branch, base: hands.branch, title, body }, lane);
  const first = await forge.mergePull(number, sha, message, lane);
  if (first.kind === "refused") {
    await forge.report(fallCheck(member, fall, sha), lane);
    expectMerged(await forge.mergePull(number, sha, message, lane), number);
  } else {
    expectMerged(first, number);
  }
  await hands.lookAgain();
  await git.remove(branch, sha);
}

export async function close({ pull }: Of<"close">, { forge, git }: Hands): Promise<void> {
  await forge.closePull(pull.number);
  await git.remove(pull.branch, pull.headSha);
}

/** Makes the commit of a change: the same change on the same base is the same commit, whenever and by whichever process it is made. */
async function commitOf(change: Change, { title, body }: Message, { git, readings }: Hands): Promise<Sha> {
  const files = await textsOf(change, { git, readings });
  const { at } = await git.commit(change.base);
  return git.write({ parent: change.base, files, message: `${title}\n\n${body}`, at });
}

async function push(branch: string, sha: Sha, { git, refs }: Hands): Promise<void> {
  const outcome = await git.push(branch, sha, refs.get(`refs/heads/${branch}`));
  if (outcome === "moved") throw new Error(`The branch ${branch} was moved by somebody else meanwhile.`);
}

function expectMerged(outcome: MergeOutcome, number: number): void {
  if (outcome.kind === "merged") return;
  const words = "reason" in outcome ? `: ${outcome.reason}` : "";
  throw new Error(`Pull request #${number} was not merged (${outcome.kind})${words}.`);
}
