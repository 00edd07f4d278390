import { z } from "zod";
import { bodyOf } from "../body.ts";
import { commentOf, createComment, deleteComment, editComment, react, reactionsTo } from "../comments.ts";
import { HttpError } from "../http-error.ts";
import { pullOf } from "../pull-of.ts";
import { acting, created, numberParam, paged, reading, writing } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import { commentShape, reactionShape } from "../shapes/comment.ts";
import { fullIssueShape } from "../shapes/issue.ts";
import type { Comment } from "../store.ts";

const CommentBody = z.object({ body: z.string() });
const ReactionBody = z.object({
  content: z.enum(["+1", "-1", "laugh", "confused", "heart", "hooray", "rocket", "eyes"]),
});

/** Pull requests as the issues that they are too, the comments on them, and the reactions to those. */
export const commentRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "/issues/comments", needs: reading("issues"), run: listAll },
  { kind: "repo", method: "GET", path: "/issues/comments/{id}", needs: reading("issues"), run: get },
  { kind: "repo", method: "PATCH", path: "/issues/comments/{id}", needs: writing("issues"), run: edit },
  { kind: "repo", method: "DELETE", path: "/issues/comments/{id}", needs: writing("issues"), run: remove },
  { kind: "repo", method: "GET", path: "/issues/{number}/comments", needs: reading("issues"), run: listOfOne },
  {
    kind: "repo",
    method: "POST",
    path: "/issues/{number}/comments",
    needs: writing("issues"),
    creates: "content",
    run: create,
  },
  {
    kind: "repo",
    method: "GET",
    path: "/issues/comments/{id}/reactions",
    needs: reading("issues"),
    run: listReactions,
  },
  { kind: "repo", method: "POST", path: "/issues/comments/{id}/reactions", needs: writing("issues"), run: addReaction },
  { kind: "repo", method: "GET", path: "/issues/{number}", needs: reading("issues"), run: getIssue },
];

function getIssue(call: RepoCall): Answer {
  const pull = pullOf(call.repo, numberParam(call, "number"));
  return { status: 200, body: fullIssueShape(call.store, call.repo, pull) };
}

function listAll(call: RepoCall): Answer {
  const { searchParams: query } = call.url;
  const time =
    query.get("sort") === "updated" ? (comment: Comment) => comment.updatedAt : (comment: Comment) => comment.createdAt;
  const ascending = sinceAsked(call, [...call.repo.comments.values()]).toSorted(
    (a, b) => time(a) - time(b) || a.id - b.id,
  );
  // the direction means nothing to GitHub unless a sort is asked for
  const sorted = query.has("sort") && query.get("direction") !== "asc" ? ascending.toReversed() : ascending;
  return paged(call, sorted, (page) => page.map((comment) => commentShape(call.store, call.repo, comment)));
}

function listOfOne(call: RepoCall): Answer {
  const { number } = pullOf(call.repo, numberParam(call, "number"));
  const comments = sinceAsked(
    call,
    [...call.repo.comments.values()].filter((comment) => comment.number === number),
  );
  return paged(call, comments, (page) => page.map((comment) => commentShape(call.store, call.repo, comment)));
}

function get(call: RepoCall): Answer {
  return { status: 200, body: commentShape(call.store, call.repo, commentOf(call.repo, numberParam(call, "id"))) };
}

function create(call: RepoCall): Answer {
  const { body } = bodyOf(CommentBody, call.body);
  const comment = createComment(acting(call), {
    number: numberParam(call, "number"),
    body,
  });
  return created(commentShape(call.store, call.repo, comment));
}

function edit(call: RepoCall): Answer {
  const { body } = bodyOf(CommentBody, call.body);
  const comment = editComment(acting(call), { id: numberParam(call, "id"), body });
  return { status: 200, body: commentShape(call.store, call.repo, comment) };
}

function remove(call: RepoCall): Answer {
  deleteComment(acting(call), numberParam(call, "id"));
  return { status: 204 };
}

function listReactions(call: RepoCall): Answer {
  const { id } = commentOf(call.repo, numberParam(call, "id"));
  const content = call.url.searchParams.get("content");
  const found = reactionsTo(call.repo, id).filter((reaction) => content === null || reaction.content === content);
  return paged(call, found, (page) => page.map((reaction) => reactionShape(call.store, reaction)));
}

function addReaction(call: RepoCall): Answer {
  const { content } = bodyOf(ReactionBody, call.body);
  const { reaction, isNew } = react(acting(call), {
    id: numberParam(call, "id"),
    content,
  });
  return { status: isNew ? 201 : 200, body: reactionShape(call.store, reaction) };
}

// GitHub shows what was written or changed at or after that second
function sinceAsked({ url }: RepoCall, comments: readonly Comment[]): readonly Comment[] {
  const since = url.searchParams.get("since");
  if (since === null) return comments;
  const from = Date.parse(since);
  if (Number.isNaN(from))
    throw new HttpError(422, `Invalid request.\n\nInvalid property /since: "${since}" is not a timestamp.`);
  return comments.filter(({ updatedAt }) => Math.floor(updatedAt / 1000) >= Math.floor(from / 1000));
}
