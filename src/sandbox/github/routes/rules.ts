import { notFound } from "../http-error.ts";
import { pullOf } from "../pull-of.ts";
import { numberParam, paged, param, reading } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import type { Published } from "../shapes/published.ts";
import { reviewShape } from "../shapes/review.ts";
import { branchRules, rulesetListShape, rulesetShape } from "../shapes/rules.ts";

/** What a branch asks of a change, and the reviews that answer to it. */
export const ruleRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "/rules/branches/{branch*}", needs: reading("metadata"), run: rulesOfBranch },
  { kind: "repo", method: "GET", path: "/rulesets", needs: reading("metadata"), run: listRulesets },
  { kind: "repo", method: "GET", path: "/rulesets/{id}", needs: reading("metadata"), run: getRuleset },
  { kind: "repo", method: "GET", path: "/pulls/{number}/reviews", needs: reading("pull_requests"), run: listReviews },
];

function rulesOfBranch(call: RepoCall): Answer {
  return paged(call, branchRules(call.repo, param(call, "branch")), (rules) => rules);
}

function listRulesets(call: RepoCall): Answer {
  const rulesets = hasRules(call) ? [rulesetListShape(call.repo)] : [];
  return paged(call, rulesets, (page) => page);
}

function getRuleset(call: RepoCall): Answer {
  if (numberParam(call, "id") !== call.repo.ruleset || !hasRules(call)) throw notFound();
  return { status: 200, body: rulesetShape(call.store, call.repo) };
}

function hasRules({ repo }: RepoCall): boolean {
  return branchRules(repo, repo.defaultBranch).length > 0;
}

function listReviews(call: RepoCall): Answer {
  const { store, repo } = call;
  const number = numberParam(call, "number");
  const { head } = pullOf(repo, number);
  const { dismissesStale } = repo.settings.current;
  const reviews = [...repo.reviews.values()].filter((review) => review.number === number);
  return paged(
    call,
    reviews,
    (page) =>
      page.map((review) =>
        reviewShape(store, repo, review, dismissesStale && review.sha !== head.sha ? "DISMISSED" : "APPROVED"),
      ) satisfies Published<"pulls", "listReviews">,
  );
}
