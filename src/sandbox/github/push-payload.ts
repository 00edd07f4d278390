import { history } from "./history.ts";
import type { Commit } from "./history.ts";
import { NO_SHA, refTip } from "./repo.ts";
import type { RefChange } from "./repo.ts";
import { noreplyEmail } from "./shapes/commit.ts";
import type { Acting, Repo } from "./store.ts";

/** What a push event says of a ref that moved, apart from who and where. */
export async function pushPayload(acting: Acting, { ref, before, after }: RefChange) {
  const { store, repo, by } = acting;
  const since = before === NO_SHA ? await refTip(repo.git, `refs/heads/${repo.defaultBranch}`) : before;
  const news = after === NO_SHA ? [] : await history(repo.git, [since === undefined ? after : `${since}..${after}`]);
  const commits = news.slice(0, 2048).toReversed();
  const head = news.find(({ sha }) => sha === after) ?? (await headOf(repo, after));
  const html = `${store.origin}/${repo.fullName}`;
  return {
    ref,
    before,
    after,
    base_ref: null,
    created: before === NO_SHA,
    deleted: after === NO_SHA,
    forced: await isForced(repo, { before, after }, news),
    compare:
      before === NO_SHA
        ? `${html}/commit/${after.slice(0, 12)}`
        : `${html}/compare/${before.slice(0, 12)}...${after.slice(0, 12)}`,
    commits: commits.map((commit) => pushedCommit(html, commit)),
    head_commit: head === undefined ? null : pushedCommit(html, head),
    pusher: { name: by.login, email: noreplyEmail(by) },
  };
}

async function headOf({ git }: Repo, after: string): Promise<Commit | undefined> {
  return after === NO_SHA ? undefined : (await history(git, ["--max-count=1", after]))[0];
}

// a push that leaves commits behind is one by force; where one that is new has the old head as a parent, none is left
async function isForced(
  { git }: Repo,
  { before, after }: Pick<RefChange, "before" | "after">,
  news: readonly Commit[],
): Promise<boolean> {
  if (before === NO_SHA || after === NO_SHA) return false;
  if (news.some(({ parents }) => parents.includes(before))) return false;
  return (await history(git, ["--max-count=1", `${after}..${before}`])).length > 0;
}

/** The commit at the head of a merge group. */
export async function headCommit({ git }: Repo, sha: string) {
  const [commit] = await history(git, ["--max-count=1", sha]);
  if (commit === undefined) throw new Error(`There is no commit ${sha}`);
  const { tree, message, author, committer } = commit;
  const person = ({ name, email }: Commit["author"]) => ({ name, email });
  return {
    id: sha,
    tree_id: tree,
    message,
    timestamp: committer.date,
    author: person(author),
    committer: person(committer),
  };
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
