import { emitComment } from "./events.ts";
import { invalid, notFound } from "./http-error.ts";
import { pullOf } from "./pull-of.ts";
import type { Acting, Comment, Reaction, ReactionContent, Repo } from "./store.ts";

const LONGEST_BODY = 65_536;

/** Writes a comment on a pull request; 422 for an empty or overlong body. */
export function createComment(
  acting: Acting,
  { number, body }: { readonly number: number; readonly body: string },
): Comment {
  const { store, repo, by } = acting;
  const pull = pullOf(repo, number);
  refuseBody(body);
  const now = store.clock.now();
  // talk changes a pull request too
  repo.pulls.set(number, { ...pull, updatedAt: now });
  const comment: Comment = { id: store.nextId(), number, author: by, body, createdAt: now, updatedAt: now };
  repo.comments.set(comment.id, comment);
  emitComment(acting, comment, { action: "created" });
  return comment;
}

/** Replaces the text of a comment. */
export function editComment(acting: Acting, { id, body }: { readonly id: number; readonly body: string }): Comment {
  const { store, repo } = acting;
  const before = commentOf(repo, id);
  refuseBody(body);
  const comment = { ...before, body, updatedAt: store.clock.now() };
  repo.comments.set(id, comment);
  emitComment(acting, comment, { action: "edited", changes: { body: { from: before.body } } });
  return comment;
}

/** Removes a comment and its reactions. */
export function deleteComment(acting: Acting, id: number): void {
  const { repo } = acting;
  const comment = commentOf(repo, id);
  repo.comments.delete(id);
  for (const reaction of reactionsTo(repo, id)) repo.reactions.delete(reaction.id);
  emitComment(acting, comment, { action: "deleted" });
}

/** Adds a reaction; an account's second one of the same kind is the first. */
export function react(
  acting: Acting,
  { id, content }: { readonly id: number; readonly content: ReactionContent },
): { readonly reaction: Reaction; readonly isNew: boolean } {
  const { store, repo, by } = acting;
  commentOf(repo, id);
  const known = reactionsTo(repo, id).find((reaction) => reaction.author.id === by.id && reaction.content === content);
  if (known !== undefined) return { reaction: known, isNew: false };
  const reaction: Reaction = { id: store.nextId(), comment: id, author: by, content, createdAt: store.clock.now() };
  repo.reactions.set(reaction.id, reaction);
  return { reaction, isNew: true };
}

/** The comment of an id, or 404. */
export function commentOf({ comments }: Repo, id: number): Comment {
  const comment = comments.get(id);
  if (comment === undefined) throw notFound();
  return comment;
}

/** The reactions to a comment, oldest first. */
export function reactionsTo({ reactions }: Repo, id: number): readonly Reaction[] {
  return [...reactions.values()].filter(({ comment }) => comment === id);
}

function refuseBody(body: string): void {
  if (body.trim() === "")
    throw invalid({ resource: "IssueComment", code: "missing_field", field: "body", message: "Body can't be blank" });
  if (body.length > LONGEST_BODY)
    throw invalid({
      resource: "IssueComment",
      code: "custom",
      field: "body",
      message: `body is too long (maximum is ${LONGEST_BODY} characters)`,
    });
}
