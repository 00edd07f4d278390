import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Commit, FileChange, Person } from "../history.ts";
import { accountOf } from "../store.ts";
import type { Repo, Store } from "../store.ts";
import { nodeId, userShape } from "./account.ts";
import { repoUrl } from "./repository.ts";

export type CommitShape =
  RestEndpointMethodTypes["repos"]["compareCommitsWithBasehead"]["response"]["data"]["commits"][number];
export type FileShape = RestEndpointMethodTypes["pulls"]["listFiles"]["response"]["data"][number];

/** A commit in a list. */
export function commitShape(store: Store, repo: Repo, commit: Commit) {
  const url = `${repoUrl(store, repo)}/commits/${commit.sha}`;
  const git = `${repoUrl(store, repo)}/git`;
  const html = `${store.origin}/${repo.fullName}/commit`;
  return {
    sha: commit.sha,
    node_id: `${nodeId("Commit", repo.id)}${commit.sha}`,
    url,
    html_url: `${html}/${commit.sha}`,
    comments_url: `${url}/comments`,
    commit: {
      url: `${git}/commits/${commit.sha}`,
      author: { ...commit.author },
      committer: { ...commit.committer },
      message: commit.message,
      tree: { sha: commit.tree, url: `${git}/trees/${commit.tree}` },
      comment_count: 0,
      verification: verification(repo, commit),
    },
    author: personAccount(store, commit.author),
    committer: personAccount(store, commit.committer),
    parents: commit.parents.map((sha) => ({
      sha,
      url: `${repoUrl(store, repo)}/commits/${sha}`,
      html_url: `${html}/${sha}`,
    })),
  } satisfies CommitShape;
}

// only GitHub's own commits are signed; the signature itself is nobody's to check
function verification({ signed }: Repo, { sha, committer }: Commit) {
  return signed.has(sha)
    ? { verified: true, reason: "valid", signature: null, payload: null, verified_at: committer.date }
    : { verified: false, reason: "unsigned", signature: null, payload: null, verified_at: null };
}

/** A changed file of a pull request, a comparison or a commit, as it is at `ref`. */
export function fileShape(
  store: Store,
  repo: Repo,
  ref: string,
  { file, patch }: { readonly file: FileChange; readonly patch: string | undefined },
) {
  const path = encodeURI(file.path);
  const html = `${store.origin}/${repo.fullName}`;
  return {
    sha: file.blob,
    filename: file.path,
    status: file.status,
    additions: file.additions,
    deletions: file.deletions,
    changes: file.additions + file.deletions,
    blob_url: `${html}/blob/${ref}/${path}`,
    raw_url: `${html}/raw/${ref}/${path}`,
    contents_url: `${repoUrl(store, repo)}/contents/${path}?ref=${ref}`,
    ...(patch === undefined ? {} : { patch }),
    ...(file.previousPath === undefined ? {} : { previous_filename: file.previousPath }),
  } satisfies FileShape;
}

/** The address by which GitHub knows an account's commits. */
export function noreplyEmail({ id, login }: { readonly id: number; readonly login: string }): string {
  return `${id}+${login}@users.noreply.github.com`;
}

function personAccount(store: Store, { email }: Person) {
  if (email === "noreply@github.com") return userShape(store, { id: 19864447, login: "web-flow", type: "User" });
  const login = /^\d+\+(.+)@users\.noreply\.github\.com$/.exec(email)?.[1];
  const account = login === undefined ? undefined : accountOf(store, login);
  return account === undefined ? null : userShape(store, account);
}
