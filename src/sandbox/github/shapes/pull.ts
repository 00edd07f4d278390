import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Account, Mergeability, Pull, PullSize, Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { authorShape, nodeId, openerShape, userShape } from "./account.ts";
import { labelShape } from "./label.ts";
import { repoShape, repoUrl } from "./repository.ts";

export type PullListShape = RestEndpointMethodTypes["pulls"]["list"]["response"]["data"][number];
export type PullShape = RestEndpointMethodTypes["pulls"]["get"]["response"]["data"];

/** What only a single pull request tells. */
export type PullDetails = {
  readonly size: PullSize;
  readonly mergeability: Mergeability;
  readonly blocked: boolean;
  readonly comments: number;
};

/** A pull request in a list. */
export function pullListShape(store: Store, repo: Repo, pull: Pull) {
  return {
    ...linksOf(store, repo, pull),
    id: pull.id,
    node_id: nodeId("PullRequest", pull.id),
    number: pull.number,
    state: pull.state.kind === "open" ? ("open" as const) : ("closed" as const),
    locked: false,
    title: pull.title,
    user: openerShape(store, pull.author),
    body: pull.body,
    labels: pull.labels.map((name) => labelShape(store, repo, name)),
    milestone: null,
    active_lock_reason: null,
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: pull.state.kind === "open" ? null : timestamp(pull.state.at),
    merged_at: pull.state.kind === "merged" ? timestamp(pull.state.at) : null,
    merge_commit_sha: mergeCommit(repo, pull),
    assignee: null,
    assignees: [],
    requested_reviewers: [],
    requested_teams: [],
    head: endShape(store, repo, pull.head, pull.head.fork),
    base: endShape(store, repo, pull.base),
    author_association: association(repo, pull.author),
    auto_merge: null,
    draft: pull.draft,
  } satisfies PullListShape;
}

/** A pull request on its own, with what GitHub has worked out about it. */
export function pullShape(
  store: Store,
  repo: Repo,
  pull: Pull,
  { size, mergeability, blocked, comments }: PullDetails,
) {
  const { state } = pull;
  const mergeable = state.kind === "open" && mergeability.kind !== "computing" ? mergeability.kind === "clean" : null;
  return {
    ...pullListShape(store, repo, pull),
    merged: state.kind === "merged",
    mergeable,
    rebaseable: mergeable,
    mergeable_state: mergeableState(mergeable, pull.draft, blocked),
    merged_by: state.kind === "merged" ? authorShape(store, state.by) : null,
    comments,
    review_comments: 0,
    maintainer_can_modify: false,
    commits: size.commits,
    additions: size.additions,
    deletions: size.deletions,
    changed_files: size.changedFiles,
  } satisfies PullShape;
}

/** The web page of a pull request. */
export function pullHtmlUrl({ origin }: Store, { fullName }: Repo, number: number): string {
  return `${origin}/${fullName}/pull/${number}`;
}

/** How an account stands to a repository. Not authorisation: GitHub's own values are unreliable for that. */
export function association(
  { roles, owner }: Repo,
  { login, type }: Account,
): "OWNER" | "COLLABORATOR" | "CONTRIBUTOR" | "NONE" {
  if (login === owner.login) return "OWNER";
  if (type === "Bot") return "CONTRIBUTOR";
  return roles.has(login.toLowerCase()) ? "COLLABORATOR" : "NONE";
}

// as on GitHub: before the merge this is the commit of the test merge, where one has been made
function mergeCommit({ mergeability }: Repo, { number, state }: Pull): string | null {
  if (state.kind === "merged") return state.sha;
  const merge = mergeability.get(number)?.merge;
  return merge?.kind === "clean" ? merge.testCommit : null;
}

function mergeableState(mergeable: boolean | null, draft: boolean, blocked: boolean): string {
  if (mergeable === null) return "unknown";
  if (!mergeable) return "dirty";
  if (draft) return "draft";
  return blocked ? "blocked" : "clean";
}

function endShape(
  store: Store,
  repo: Repo,
  { branch, sha }: { readonly branch: string; readonly sha: string },
  fork?: Account,
) {
  const owner = fork ?? repo.owner;
  return {
    label: `${owner.login}:${branch}`,
    ref: branch,
    sha,
    user: userShape(store, owner),
    repo: repoShape(store, repo, fork),
  };
}

function linksOf(store: Store, repo: Repo, { number, head }: Pull) {
  const url = `${repoUrl(store, repo)}/pulls/${number}`;
  const issue = `${repoUrl(store, repo)}/issues/${number}`;
  const html = pullHtmlUrl(store, repo, number);
  const links = {
    html_url: html,
    issue_url: issue,
    comments_url: `${issue}/comments`,
    review_comments_url: `${url}/comments`,
    review_comment_url: `${repoUrl(store, repo)}/pulls/comments{/number}`,
    commits_url: `${url}/commits`,
    statuses_url: `${repoUrl(store, repo)}/statuses/${head.sha}`,
  };
  return {
    url,
    ...links,
    diff_url: `${html}.diff`,
    patch_url: `${html}.patch`,
    _links: {
      self: { href: url },
      html: { href: html },
      issue: { href: links.issue_url },
      comments: { href: links.comments_url },
      review_comments: { href: links.review_comments_url },
      review_comment: { href: links.review_comment_url },
      commits: { href: links.commits_url },
      statuses: { href: links.statuses_url },
    },
  };
}
