import type { Repo, Review, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { authorShape, nodeId } from "./account.ts";
import { association, pullHtmlUrl } from "./pull.ts";
import { repoUrl } from "./repository.ts";

/** An approving review, in lists and in webhooks; `state` is spelt differently in the two. */
export function reviewShape<State extends string>(store: Store, repo: Repo, review: Review, state: State) {
  const pull = `${repoUrl(store, repo)}/pulls/${review.number}`;
  const html = `${pullHtmlUrl(store, repo, review.number)}#pullrequestreview-${review.id}`;
  return {
    id: review.id,
    node_id: nodeId("PullRequestReview", review.id),
    user: authorShape(store, review.author),
    body: review.body,
    state,
    html_url: html,
    pull_request_url: pull,
    author_association: association(repo, review.author),
    _links: { html: { href: html }, pull_request: { href: pull } },
    submitted_at: timestamp(review.at),
    commit_id: review.sha,
  };
}
