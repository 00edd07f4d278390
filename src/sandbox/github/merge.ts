import { unreachable } from "../../core/unreachable.ts";
import { mayBypass, ruleRefusal } from "./branch-rules.ts";
import { emitPull } from "./events.ts";
import { history } from "./history.ts";
import type { Commit } from "./history.ts";
import { HttpError } from "./http-error.ts";
import { pullOf } from "./pull-of.ts";
import { followMoves } from "./ref-moves.ts";
import { NO_SHA, listCommits, mergeTrees, moveRefs, refTip, writeCommit } from "./repo.ts";
import type { RefChange, Signature } from "./repo.ts";
import { signCommit, signatureOf } from "./signing.ts";
import type { Account, Acting, MergeMethod, Pull, Repo } from "./store.ts";

/** How a pull request lands; GitHub's own words where none are given. */
export type MergeWords = {
  readonly method: MergeMethod;
  readonly title: string | undefined;
  readonly message: string | undefined;
};

export type MergeOrder = MergeWords & {
  /** The head that the caller has judged; any other head is refused with 409. */
  readonly sha: string | undefined;
  /** An administrator passes the rules of the base by. */
  readonly bypass: "rules" | undefined;
};

/** Merges a pull request as GitHub would and gives the commit that landed; throws 405 or 409 in GitHub's words. */
export function mergePull(acting: Acting, number: number, order: MergeOrder): Promise<string> {
  const { store, repo, by } = acting;
  return repo.lock(async () => {
    const pull = pullOf(repo, number);
    await refuseState(acting, pull, order);
    const ref = `refs/heads/${pull.base.branch}`;
    const before = await refTip(repo.git, ref);
    if (before === undefined) throw notMergeable();
    const after = await landingCommit(repo, pull, order, { base: before, by, at: store.clock.now() });
    await land(acting, pull, { ref, before, after });
    return after;
  });
}

/** Moves the base of a pull request to the commit that it lands as; call it holding the repository's lock. */
export async function land(acting: Acting, pull: Pull, { ref, before, after }: RefChange): Promise<void> {
  const { store, repo, by } = acting;
  const at = store.clock.now();
  const [moved, added] = await Promise.all([
    moveRefs(repo.git, [{ ref, before, after }]),
    listCommits(repo.git, before, after),
  ]);
  if (moved === "lost") throw new HttpError(405, "Base branch was modified. Review and try the merge again.");
  const landed = new Set(added);
  const merged: Pull = {
    ...pull,
    base: { ...pull.base, sha: before },
    state: { kind: "merged", at, by, sha: after, landed },
    updatedAt: at,
  };
  repo.pulls.set(pull.number, merged);
  emitPull(acting, merged, { action: "closed" });
  await followMoves(acting, [{ ref, before, after, landed }]);
  await deleteMergedBranch(acting, merged);
}

/** Where a pull request would land: on which commit, by whom, and when. */
export type Scene = { readonly base: string; readonly by: Account; readonly at: number };

const DISALLOWED: Readonly<Record<MergeMethod, string>> = {
  merge: "Merge commits are not allowed on this repository.",
  squash: "Squash merges are not allowed on this repository.",
  rebase: "Rebase merges are not allowed on this repository.",
};

function notMergeable(): HttpError {
  return new HttpError(405, "Pull Request is not mergeable", { docs: "rest/pulls/pulls#merge-a-pull-request" });
}

async function refuseState(acting: Acting, pull: Pull, { sha, method, bypass }: MergeOrder): Promise<void> {
  const { store, repo, by } = acting;
  if (pull.state.kind !== "open") throw notMergeable();
  if (pull.draft)
    throw new HttpError(405, "Pull Request is still a draft", { docs: "rest/pulls/pulls#merge-a-pull-request" });
  if (sha !== undefined && sha !== pull.head.sha)
    throw new HttpError(409, "Head branch was modified. Review and try the merge again.");
  if (!repo.settings.current.mergeMethods.includes(method)) throw new HttpError(405, DISALLOWED[method]);
  if (bypass === "rules" || mayBypass(acting, "merge")) return;
  const broken = await ruleRefusal(store, repo, pull, { by, method });
  if (broken !== undefined) throw new HttpError(405, broken, { docs: "rest/pulls/pulls#merge-a-pull-request" });
}

/** Writes the commit that a pull request lands as, and moves nothing; throws 405 on a conflict. */
export function landingCommit(repo: Repo, pull: Pull, order: MergeWords, scene: Scene): Promise<string> {
  switch (order.method) {
    case "merge":
      return mergeCommit(repo, pull, order, scene);
    case "squash":
      return squashCommit(repo, pull, order, scene);
    case "rebase":
      return rebaseCommits(repo, pull, scene);
    default:
      return unreachable(order.method);
  }
}

async function mergeCommit(
  repo: Repo,
  pull: Pull,
  { title, message }: MergeWords,
  { base, by, at }: Scene,
): Promise<string> {
  const from = pull.head.fork ?? repo.owner;
  const subject = title ?? `Merge pull request #${pull.number} from ${from.login}/${pull.head.branch}`;
  return signCommit(repo, {
    tree: await mergedTree(repo, base, pull.head.sha),
    parents: [base, pull.head.sha],
    message: joined(subject, message ?? pull.title),
    author: signatureOf(by, at),
  });
}

async function squashCommit(
  repo: Repo,
  pull: Pull,
  { title, message }: MergeWords,
  { base, at }: Scene,
): Promise<string> {
  const tree = await mergedTree(repo, base, pull.head.sha);
  const wording =
    title === undefined || message === undefined ? await squashWording(repo, pull, base) : { title, message };
  return signCommit(repo, {
    tree,
    parents: [base],
    message: joined(title ?? wording.title, message ?? wording.message),
    author: signatureOf(pull.author, at),
  });
}

// GitHub's defaults: the only commit's own message, else the title and a list of the commits
async function squashWording(repo: Repo, pull: Pull, base: string) {
  const commits = (await history(repo.git, [`${base}..${pull.head.sha}`])).toReversed();
  const [only, ...others] = commits;
  const suffix = ` (#${pull.number})`;
  if (only !== undefined && others.length === 0) {
    const [subject = "", ...body] = only.message.split("\n");
    return { title: `${subject}${suffix}`, message: body.join("\n").trim() };
  }
  return { title: `${pull.title}${suffix}`, message: commits.map((commit) => `* ${commit.message}`).join("\n\n") };
}

async function rebaseCommits(repo: Repo, pull: Pull, { base, by, at }: Scene): Promise<string> {
  const commits = (await history(repo.git, ["--no-merges", "--reverse", `${base}..${pull.head.sha}`])).values();
  let tip = base;
  for (const commit of commits) tip = await replay(repo, tip, commit, signatureOf(by, at));
  return tip;
}

// merge-tree takes no merge base in the oldest git supported, so the tip is dressed up as a sibling of the commit: their base is then its parent
async function replay({ git }: Repo, tip: string, commit: Commit, committer: Signature): Promise<string> {
  const onto = (await git.objects.read(`${tip}^{tree}`))?.sha ?? tip;
  const sibling = await writeCommit(git, {
    tree: onto,
    parents: commit.parents,
    message: "sibling",
    author: committer,
    committer,
  });
  const merged = await mergeTrees(git, sibling, commit.sha);
  if (merged.kind === "conflict") throw new HttpError(405, "This branch can't be rebased");
  const { name, email, date } = commit.author;
  return writeCommit(git, {
    tree: merged.tree,
    parents: [tip],
    message: commit.message,
    author: { name, email, at: Date.parse(date) },
    committer,
  });
}

async function mergedTree({ git }: Repo, base: string, head: string): Promise<string> {
  const merged = await mergeTrees(git, base, head);
  if (merged.kind === "conflict") throw notMergeable();
  return merged.tree;
}

async function deleteMergedBranch(acting: Acting, { head }: Pull): Promise<void> {
  const { repo } = acting;
  if (!repo.settings.current.deletesBranchOnMerge || head.fork !== undefined) return;
  const change = { ref: `refs/heads/${head.branch}`, before: head.sha, after: NO_SHA };
  if ((await moveRefs(repo.git, [change])) === "moved") await followMoves(acting, [change]);
}

function joined(title: string, message: string): string {
  return message.trim() === "" ? title : `${title}\n\n${message}`;
}
