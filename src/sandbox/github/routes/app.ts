import { z } from "zod";
import { budgetKey } from "../authenticate.ts";
import { bodyOf } from "../body.ts";
import { limitHeaders, newBudget } from "../limits.ts";
import { notFound } from "../http-error.ts";
import { paged, param } from "../routing.ts";
import type { Answer, Request, Route, TokenCall } from "../routing.ts";
import { appShape } from "../shapes/account.ts";
import type { Published } from "../shapes/published.ts";
import { installationShape } from "../shapes/installation.ts";
import { repoShape } from "../shapes/repository.ts";
import { installationOf, repoOf } from "../store.ts";
import { expiry, installationById, issueToken, visibleRepos } from "../tokens.ts";

type ListedRepos = Published<"apps", "listReposAccessibleToInstallation">;

const TokenBody = z.object({
  repositories: z.array(z.string()).optional(),
  repository_ids: z.array(z.number()).optional(),
  permissions: z.record(z.string(), z.enum(["read", "write"])).optional(),
});

/** The App itself, its installations and their tokens. */
export const appRoutes: readonly Route[] = [
  { kind: "app", method: "GET", path: "/app", run: getApp },
  { kind: "app", method: "GET", path: "/app/installations", run: listInstallations },
  { kind: "app", method: "GET", path: "/app/installations/{id}", run: getInstallation },
  { kind: "app", method: "GET", path: "/repos/{owner}/{repo}/installation", run: getRepoInstallation },
  { kind: "app", method: "POST", path: "/app/installations/{id}/access_tokens", run: createToken },
  { kind: "token", method: "GET", path: "/installation/repositories", run: listRepositories },
  { kind: "token", method: "GET", path: "/rate_limit", run: getRateLimit },
];

function getApp({ store }: Request): Answer {
  return { status: 200, body: { ...appShape(store, store.app), installations_count: store.installations.size } };
}

function listInstallations(call: Request): Answer {
  return paged(call, [...call.store.installations.values()], (found) =>
    found.map((one) => installationShape(call.store, one)),
  );
}

function getInstallation(call: Request): Answer {
  return { status: 200, body: installationShape(call.store, installationById(call.store, param(call, "id"))) };
}

function getRepoInstallation(call: Request): Answer {
  const repo = repoOf(call.store, `${param(call, "owner")}/${param(call, "repo")}`);
  const installation = repo === undefined ? undefined : installationOf(call.store, repo);
  if (installation === undefined) throw notFound();
  return {
    status: 200,
    body: installationShape(call.store, installation) satisfies Published<"apps", "getRepoInstallation">,
  };
}

function createToken(call: Request): Answer {
  const installation = installationById(call.store, param(call, "id"));
  const { repositories, repository_ids: repositoryIds, permissions } = bodyOf(TokenBody, call.body);
  const { value, token } = issueToken(call.store, installation, { repositories, repositoryIds, permissions });
  const selected =
    token.repositories === undefined
      ? {}
      : { repositories: visibleRepos(call.store, token).map((repo) => repoShape(call.store, repo)) };
  const selection = token.repositories === undefined ? ("all" as const) : ("selected" as const);
  return {
    status: 201,
    body: {
      token: value,
      expires_at: expiry(token),
      permissions: { ...token.permissions },
      repository_selection: selection,
      ...selected,
    } satisfies Published<"apps", "createInstallationAccessToken">,
  };
}

function listRepositories(call: TokenCall): Answer {
  const visible = visibleRepos(call.store, call.token);
  return paged(
    call,
    visible,
    (found) =>
      ({
        total_count: visible.length,
        repository_selection: call.token.repositories === undefined ? "all" : "selected",
        repositories: found.map((repo) => repoShape(call.store, repo)),
      }) satisfies ListedRepos,
  );
}

function getRateLimit({ store, token }: TokenCall): Answer {
  const headers = limitHeaders(store.budgets.get(budgetKey(token)) ?? newBudget(store.clock.now()), store.limits);
  const core = {
    limit: Number(headers["x-ratelimit-limit"]),
    remaining: Number(headers["x-ratelimit-remaining"]),
    used: Number(headers["x-ratelimit-used"]),
    reset: Number(headers["x-ratelimit-reset"]),
  };
  return {
    status: 200,
    body: {
      resources: {
        core,
        search: { limit: 30, remaining: 30, used: 0, reset: core.reset },
      },
      rate: core,
    } satisfies Published<"rateLimit", "get">,
  };
}
