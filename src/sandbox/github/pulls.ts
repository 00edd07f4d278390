import { emitPull } from "./events.ts";
import { invalid } from "./http-error.ts";
import { pullOf } from "./pull-of.ts";
import { NO_SHA, countCommits, isBranchName, listCommits, mergeBase, moveRefs, refTip } from "./repo.ts";
import { closePull, pullRef } from "./ref-moves.ts";
import type { Account, Acting, Pull, Repo } from "./store.ts";

export type NewPull = {
  readonly title: string;
  readonly body: string | null;
  readonly branch: string;
  readonly base: string;
  readonly draft: boolean;
  /** The head lies in this account's fork, at this commit. */
  readonly fork?: { readonly account: Account; readonly sha: string };
};

export type PullEdit = {
  readonly title?: string;
  readonly body?: string | null;
  readonly state?: "open" | "closed";
  readonly base?: string;
};

/** Opens a pull request as GitHub would, or throws its 422. */
export function openPull(acting: Acting, wanted: NewPull): Promise<Pull> {
  const { repo } = acting;
  return repo.lock(async () => {
    const baseSha = await branchTip(repo, wanted.base, "base");
    const headSha = wanted.fork?.sha ?? (await branchTip(repo, wanted.branch, "head"));
    refuseDuplicate(repo, wanted);
    await refuseEmpty(repo, wanted, { baseSha, headSha });
    const pull = newPull(acting, wanted, { baseSha, headSha });
    repo.pulls.set(pull.number, pull);
    await moveRefs(repo.git, [{ ref: pullRef(pull.number), before: NO_SHA, after: headSha }]);
    emitPull(acting, pull, { action: "opened" });
    return pull;
  });
}

/** Changes title, body, base or state of a pull request as GitHub would, or throws its 422. */
export function editPull(acting: Acting, number: number, edit: PullEdit): Promise<Pull> {
  const { repo } = acting;
  return repo.lock(async () => {
    const pull = pullOf(repo, number);
    const edited = await changeText(acting, pull, edit);
    if (edit.state === "closed" && edited.state.kind === "open") return closePull(acting, edited);
    if (edit.state === "open" && edited.state.kind !== "open") return reopen(acting, edited);
    return edited;
  });
}

type Ends = { readonly baseSha: string; readonly headSha: string };

async function branchTip({ git }: Repo, branch: string, field: "base" | "head"): Promise<string> {
  const tip = isBranchName(branch) ? await refTip(git, `refs/heads/${branch}`) : undefined;
  if (tip === undefined) throw invalid({ resource: "PullRequest", field, code: "invalid" });
  return tip;
}

function refuseDuplicate(repo: Repo, { branch, base, fork }: NewPull): void {
  const twin = [...repo.pulls.values()].find(
    ({ state, head, base: onto }) =>
      state.kind === "open" && head.branch === branch && onto.branch === base && head.fork?.id === fork?.account.id,
  );
  const owner = fork?.account.login ?? repo.owner.login;
  if (twin !== undefined)
    throw invalid({
      resource: "PullRequest",
      code: "custom",
      message: `A pull request already exists for ${owner}:${branch}.`,
    });
}

async function refuseEmpty({ git }: Repo, { branch, base }: NewPull, { baseSha, headSha }: Ends): Promise<void> {
  const refuse = (message: string) => invalid({ resource: "PullRequest", code: "custom", message });
  const [commits, common] = await Promise.all([countCommits(git, baseSha, headSha), mergeBase(git, baseSha, headSha)]);
  if (commits === 0) throw refuse(`No commits between ${base} and ${branch}`);
  if (common === undefined) throw refuse(`The ${base} branch has no history in common with ${branch}`);
}

function newPull(acting: Acting, wanted: NewPull, { baseSha, headSha }: Ends): Pull {
  const { store, repo, by } = acting;
  const now = store.clock.now();
  return {
    id: store.nextId(),
    number: repo.pulls.size + 1,
    title: wanted.title,
    body: wanted.body,
    author: by,
    head: { branch: wanted.branch, sha: headSha, fork: wanted.fork?.account },
    base: { branch: wanted.base, sha: baseSha },
    draft: wanted.draft,
    labels: [],
    state: { kind: "open" },
    createdAt: now,
    updatedAt: now,
  };
}

async function changeText(acting: Acting, pull: Pull, { title, body, base }: PullEdit): Promise<Pull> {
  const { store, repo } = acting;
  const changes = {
    ...(title === undefined || title === pull.title ? {} : { title: { from: pull.title } }),
    ...(body === undefined || body === pull.body ? {} : { body: { from: textOf(pull) } }),
    ...(base === undefined || base === pull.base.branch
      ? {}
      : { base: { ref: { from: pull.base.branch }, sha: { from: pull.base.sha } } }),
  };
  if (Object.keys(changes).length === 0) return pull;
  const onto = base === undefined || base === pull.base.branch ? pull.base : await newBase(repo, pull, base);
  const edited: Pull = {
    ...pull,
    title: title ?? pull.title,
    body: body === undefined ? pull.body : body,
    base: onto,
    updatedAt: store.clock.now(),
  };
  repo.pulls.set(pull.number, edited);
  emitPull(acting, edited, { action: "edited", changes });
  return edited;
}

function textOf({ body }: Pull): string {
  return body ?? "";
}

async function reopen(acting: Acting, pull: Pull): Promise<Pull> {
  const { store, repo } = acting;
  const { head, base } = pull;
  const headSha = await reopenableHead(repo, pull);
  refuseDuplicate(repo, {
    ...pull,
    branch: head.branch,
    base: base.branch,
    ...(head.fork === undefined ? {} : { fork: { account: head.fork, sha: head.sha } }),
  });
  const reopened: Pull = {
    ...pull,
    head: { ...head, sha: headSha },
    base: { ...base, sha: await branchTip(repo, base.branch, "base") },
    state: { kind: "open" },
    updatedAt: store.clock.now(),
  };
  await moveRefs(repo.git, [{ ref: pullRef(pull.number), before: head.sha, after: headSha }]);
  repo.pulls.set(pull.number, reopened);
  emitPull(acting, reopened, { action: "reopened" });
  return reopened;
}

// what was pushed on top while it was closed comes with it; anything else that happened to the branch keeps it closed
async function reopenableHead({ git }: Repo, { head, base, state }: Pull): Promise<string> {
  const refuse = (why: string) =>
    invalid({ resource: "PullRequest", code: "invalid", field: "state", message: `state cannot be changed. ${why}` });
  if (state.kind === "merged") throw refuse("The pull request has been merged.");
  const tip = head.fork === undefined ? await refTip(git, `refs/heads/${head.branch}`) : head.sha;
  if (tip === undefined) throw refuse(`The ${head.branch} branch has been deleted.`);
  if ((await listCommits(git, tip, head.sha)).length > 0)
    throw refuse(`The ${head.branch} branch was force-pushed or recreated.`);
  if ((await refTip(git, `refs/heads/${base.branch}`)) === undefined)
    throw refuse(`The ${base.branch} branch has been deleted.`);
  return tip;
}

async function newBase(repo: Repo, pull: Pull, branch: string): Promise<Pull["base"]> {
  const sha = await branchTip(repo, branch, "base");
  const refuse = (message: string) => invalid({ resource: "PullRequest", field: "base", code: "invalid", message });
  if (pull.state.kind !== "open") throw refuse("Cannot change the base branch of a closed pull request.");
  const { head } = pull;
  const twin = [...repo.pulls.values()].find(
    (other) => other.state.kind === "open" && other.head.branch === head.branch && other.base.branch === branch,
  );
  if (twin !== undefined)
    throw refuse(`A pull request already exists for base branch '${branch}' and head branch '${head.branch}'`);
  if ((await countCommits(repo.git, sha, head.sha)) === 0)
    throw refuse(`There are no new commits between base branch '${branch}' and head branch '${head.branch}'`);
  return { branch, sha };
}
