import { emitReview } from "./events.ts";
import { invalid } from "./http-error.ts";
import { pullOf } from "./pull-of.ts";
import type { Acting, Review } from "./store.ts";

/** Approves a pull request at its present head, in words or without; nobody approves their own. */
export function approve(
  acting: Acting,
  { number, body = "" }: { readonly number: number; readonly body?: string | undefined },
): Review {
  const { store, repo, by } = acting;
  const pull = pullOf(repo, number);
  if (pull.author.id === by.id)
    throw invalid({
      resource: "PullRequestReview",
      code: "custom",
      message: "Can not approve your own pull request",
    });
  const at = store.clock.now();
  const review: Review = { id: store.nextId(), number, author: by, body, sha: pull.head.sha, at };
  repo.reviews.set(review.id, review);
  repo.pulls.set(number, { ...pull, updatedAt: at });
  emitReview(acting, review);
  return review;
}
