import type { Pull, Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { authorShape, nodeId, openerShape } from "./account.ts";
import { association, pullHtmlUrl } from "./pull.ts";
import { rollup } from "./comment.ts";
import { labelShape } from "./label.ts";
import type { Published } from "./published.ts";
import { repoUrl } from "./repository.ts";

/** A pull request as the issue that it is too, for the webhooks about its comments. */
export function issueShape(store: Store, repo: Repo, pull: Pull) {
  const { number, state } = pull;
  const url = `${repoUrl(store, repo)}/issues/${number}`;
  const html = pullHtmlUrl(store, repo, number);
  const mergedAt = state.kind === "merged" ? timestamp(state.at) : null;
  return {
    id: pull.id,
    node_id: nodeId("Issue", pull.id),
    number,
    url,
    html_url: html,
    repository_url: repoUrl(store, repo),
    comments_url: `${url}/comments`,
    events_url: `${url}/events`,
    labels_url: `${url}/labels{/name}`,
    timeline_url: `${url}/timeline`,
    title: pull.title,
    body: pull.body,
    state: state.kind === "open" ? ("open" as const) : ("closed" as const),
    state_reason: null,
    user: openerShape(store, pull.author),
    author_association: association(repo, pull.author),
    labels: pull.labels.map((name) => labelShape(store, repo, name)),
    assignee: null,
    assignees: [],
    milestone: null,
    locked: false,
    active_lock_reason: null,
    comments: [...repo.comments.values()].filter((comment) => comment.number === number).length,
    created_at: timestamp(pull.createdAt),
    updated_at: timestamp(pull.updatedAt),
    closed_at: state.kind === "open" ? null : timestamp(state.at),
    draft: pull.draft,
    performed_via_github_app: null,
    reactions: rollup(url, []),
    pull_request: {
      url: `${repoUrl(store, repo)}/pulls/${number}`,
      html_url: html,
      diff_url: `${html}.diff`,
      patch_url: `${html}.patch`,
      merged_at: mergedAt,
    },
  };
}

/** The same at `GET /issues/{number}`, which says who closed it; a merge closes too. */
export function fullIssueShape(store: Store, repo: Repo, pull: Pull) {
  return {
    ...issueShape(store, repo, pull),
    closed_by: pull.state.kind === "open" ? null : authorShape(store, pull.state.by),
  } satisfies Published<"issues", "get">;
}
