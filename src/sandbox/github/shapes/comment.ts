import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { Comment, Reaction, Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { appShape, authorShape, nodeId, userShape } from "./account.ts";
import { association, pullHtmlUrl } from "./pull.ts";
import { repoUrl } from "./repository.ts";

export type CommentShape = RestEndpointMethodTypes["issues"]["getComment"]["response"]["data"];
export type ReactionShape = RestEndpointMethodTypes["reactions"]["listForIssueComment"]["response"]["data"][number];

/** A comment on an issue or a pull request. */
export function commentShape(store: Store, repo: Repo, comment: Comment) {
  const url = `${repoUrl(store, repo)}/issues/comments/${comment.id}`;
  return {
    id: comment.id,
    node_id: nodeId("IssueComment", comment.id),
    url,
    html_url: `${pullHtmlUrl(store, repo, comment.number)}#issuecomment-${comment.id}`,
    issue_url: `${repoUrl(store, repo)}/issues/${comment.number}`,
    user: authorShape(store, comment.author),
    created_at: timestamp(comment.createdAt),
    updated_at: timestamp(comment.updatedAt),
    author_association: association(repo, comment.author),
    body: comment.body,
    performed_via_github_app: comment.author.id === store.app.bot.id ? appShape(store, store.app) : null,
    reactions: rollup(
      url,
      [...repo.reactions.values()].filter((reaction) => reaction.comment === comment.id),
    ),
  } satisfies CommentShape;
}

/** A reaction. */
export function reactionShape(store: Store, { id, author, content, createdAt }: Reaction) {
  return {
    id,
    node_id: nodeId("Reaction", id),
    user: userShape(store, author),
    content,
    created_at: timestamp(createdAt),
  } satisfies ReactionShape;
}

/** The count of reactions that GitHub shows with an issue or a comment. */
export function rollup(url: string, reactions: readonly Reaction[]) {
  const count = (content: Reaction["content"]) => reactions.filter((reaction) => reaction.content === content).length;
  return {
    url: `${url}/reactions`,
    total_count: reactions.length,
    "+1": count("+1"),
    "-1": count("-1"),
    laugh: count("laugh"),
    hooray: count("hooray"),
    confused: count("confused"),
    heart: count("heart"),
    rocket: count("rocket"),
    eyes: count("eyes"),
  };
}
