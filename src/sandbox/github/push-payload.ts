import { history } from "./history.ts";
import type { Commit } from "./history.ts";
import { NO_SHA } from "./repo.ts";
import type { RefChange } from "./repo.ts";
import { noreplyEmail } from "./shapes/commit.ts";
import type { Acting, Repo } from "./store.ts";

/** What a push event says of a ref that moved, apart from who and where. */
export async function pushPayload(acting: Acting, { ref, before, after }: RefChange) {
  const { store, repo, by } = acting;
  const range = before === NO_SHA ? [after, `^refs/heads/${repo.defaultBranch}`] : [`${before}..${after}`];
  const commits = after === NO_SHA ? [] : (await history(repo.git, ["--max-count=2048", ...range])).toReversed();
  const [head] = after === NO_SHA ? [] : await history(repo.git, ["--max-count=1", after]);
  const lost =
    before === NO_SHA || after === NO_SHA ? [] : await history(repo.git, ["--max-count=1", `${after}..${before}`]);
  const html = `${store.origin}/${repo.fullName}`;
  return {
    ref,
    before,
    after,
    base_ref: null,
    created: before === NO_SHA,
    deleted: after === NO_SHA,
    forced: lost.length > 0,
    compare:
      before === NO_SHA
        ? `${html}/commit/${after.slice(0, 12)}`
        : `${html}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: commits.map((commit) => pushedCommit(html, commit)),
    head_commit: head === undefined ? null : pushedCommit(html, head),
    pusher: { name: by.login, email: noreplyEmail(by) },
  };
}

/** The commit at the head of a merge group. */
export async function headCommit({ git }: Repo, sha: string) {
  const [commit] = await history(git, ["--max-count=1", sha]);
  if (commit === undefined) throw new Error(`There is no commit ${sha}`);
  const { tree, message, author, committer } = commit;
  return { id: sha, tree_id: tree, message, timestamp: committer.date, author, committer };
}

function pushedCommit(html: string, { sha, tree, message, author, committer, files }: Commit) {
  const changed = (status: string) => files.filter((file) => file.status === status).map(({ path }) => path);
  return {
    id: sha,
    tree_id: tree,
    distinct: true,
    message,
    timestamp: committer.date,
    url: `${html}/commit/${sha}`,
    author: { ...author, username: author.name },
    committer: { ...committer, username: committer.name },
    added: changed("added"),
    removed: changed("removed"),
    modified: changed("modified"),
  };
}
