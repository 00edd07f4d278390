import { emitPull, emitPush, emitRenamed } from "./events.ts";
import { HttpError } from "./http-error.ts";
import { NO_SHA, isBranchName, moveRefs, refTip } from "./repo.ts";
import { git } from "./run-git.ts";
import type { Acting } from "./store.ts";

/** Renames the default branch: the old name is gone, and open pull requests into it are into the new one. */
export function renameDefaultBranch(acting: Acting, to: string): Promise<void> {
  const { repo } = acting;
  return repo.lock(async () => {
    const from = repo.defaultBranch;
    const tip = await refTip(repo.git, `refs/heads/${from}`);
    if (tip === undefined || !isBranchName(to)) throw new HttpError(422, "Invalid branch name");
    const made = { ref: `refs/heads/${to}`, before: NO_SHA, after: tip };
    const gone = { ref: `refs/heads/${from}`, before: tip, after: NO_SHA };
    if ((await moveRefs(repo.git, [made])) === "lost") throw new HttpError(422, "Branch already exists");
    await git(repo.git, ["symbolic-ref", "HEAD", made.ref]);
    repo.defaultBranch = to;
    await moveRefs(repo.git, [gone]);
    emitPush(acting, made);
    emitPush(acting, gone);
    emitRenamed(acting, from);
    retarget(acting, from);
  });
}

function retarget(acting: Acting, from: string): void {
  const { store, repo } = acting;
  for (const pull of repo.pulls.values()) {
    if (pull.state.kind !== "open" || pull.base.branch !== from) continue;
    const base = { ...pull.base, branch: repo.defaultBranch };
    const changed = { ...pull, base, updatedAt: store.clock.now() };
    repo.pulls.set(pull.number, changed);
    emitPull(acting, changed, {
      action: "edited",
      changes: { base: { ref: { from }, sha: { from: pull.base.sha } } },
    });
  }
}
