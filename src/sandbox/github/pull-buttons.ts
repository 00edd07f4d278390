import { history } from "./history.ts";
import { HttpError, invalid } from "./http-error.ts";
import { pullOf } from "./pull-of.ts";
import { openPull } from "./pulls.ts";
import { moveRefsAs } from "./ref-moves.ts";
import { NO_SHA, countCommits, mergeTrees, refTip, writeCommit } from "./repo.ts";
import { signCommit, signatureOf, webFlow } from "./signing.ts";
import type { Acting, Pull, Repo } from "./store.ts";

/** GitHub's Revert button: a branch that takes a merged pull request back, and a pull request for it; 422 where that conflicts or changes nothing. */
export async function revertPull(acting: Acting, number: number): Promise<Pull> {
  const { repo } = acting;
  const pull = pullOf(repo, number);
  const branch = `revert-${number}-${pull.head.branch}`;
  await repo.lock(() => pushRevert(acting, pull, branch));
  return openPull(acting, {
    title: `Revert "${pull.title}"`,
    body: `Reverts ${repo.fullName}#${number}`,
    branch,
    base: pull.base.branch,
    draft: false,
  });
}

/** GitHub's "Update branch" button: merges the base into the head; 422 on a conflict or where there is nothing new. */
export function updateBranch(acting: Acting, number: number): Promise<Pull> {
  const { store, repo, by } = acting;
  return repo.lock(async () => {
    const { head, base, state } = pullOf(repo, number);
    const ref = `refs/heads/${head.branch}`;
    const tip = await refTip(repo.git, `refs/heads/${base.branch}`);
    if (tip === undefined || state.kind !== "open" || (await countCommits(repo.git, head.sha, tip)) === 0)
      throw new HttpError(422, "There are no new commits on the base branch.");
    const merged = await mergeTrees(repo.git, head.sha, tip);
    if (merged.kind === "conflict") throw new HttpError(422, "merge conflict between base and head");
    const after = await signCommit(repo, {
      tree: merged.tree,
      parents: [head.sha, tip],
      message: `Merge branch '${base.branch}' into ${head.branch}`,
      author: signatureOf(by, store.clock.now()),
    });
    await moveRefsAs(acting, [{ ref, before: head.sha, after }]);
    return pullOf(repo, number);
  });
}

async function pushRevert(acting: Acting, pull: Pull, branch: string): Promise<void> {
  const { store, repo, by } = acting;
  const { state, base } = pull;
  const tip = await refTip(repo.git, `refs/heads/${base.branch}`);
  if (state.kind !== "merged" || tip === undefined)
    throw invalid({ resource: "PullRequest", code: "custom", message: "Pull request is not merged" });
  const tree = await revertedTree(repo, { tip, landed: state.sha, before: base.sha });
  const after = await signCommit(repo, {
    tree,
    parents: [tip],
    message: await revertMessage(repo, pull, state.sha),
    author: signatureOf(by, store.clock.now()),
  });
  await moveRefsAs(acting, [{ ref: `refs/heads/${branch}`, before: NO_SHA, after }]);
}

type Undoing = { readonly tip: string; readonly landed: string; readonly before: string };

// three commits dressed up so that the landed tree is the common ancestor of the tip's and of the one before the merge
async function revertedTree({ git }: Repo, { tip, landed, before }: Undoing): Promise<string> {
  const who = webFlow(0);
  const dressed = async (commit: string, parents: readonly string[]) => {
    const tree = (await git.objects.read(`${commit}^{tree}`))?.sha ?? commit;
    return writeCommit(git, { tree, parents, message: "dressed", author: who, committer: who });
  };
  const ancestor = await dressed(landed, []);
  const merged = await mergeTrees(git, await dressed(tip, [ancestor]), await dressed(before, [ancestor]));
  const current = (await git.objects.read(`${tip}^{tree}`))?.sha;
  if (merged.kind === "conflict" || merged.tree === current)
    throw new HttpError(
      422,
      "Sorry, this pull request couldn't be reverted automatically. It may have already been reverted, or the content may have changed since it was merged.",
    );
  return merged.tree;
}

async function revertMessage(repo: Repo, { base }: Pull, landed: string): Promise<string> {
  const [commit] = await history(repo.git, ["--max-count=1", landed]);
  const [subject = ""] = (commit?.message ?? "").split("\n");
  const isMerge = (commit?.parents.length ?? 0) > 1;
  const end = isMerge ? `, reversing\nchanges made to ${base.sha}.` : ".";
  return `Revert "${subject}"\n\nThis reverts commit ${landed}${end}`;
}
