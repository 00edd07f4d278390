import { deploymentsOf } from "../deliveries.ts";
import { notFound } from "../http-error.ts";
import { resolveCommit } from "../repo.ts";
import { numberParam, paged, param, reading } from "../routing.ts";
import type { Answer, RepoCall, Route } from "../routing.ts";
import { deploymentShape, deploymentStatusShape, statusShape } from "../shapes/delivered.ts";

/** What delivering tools have said: commit statuses, and deployments with their statuses. Newest first, all of them. */
export const deliveryRoutes: readonly Route[] = [
  { kind: "repo", method: "GET", path: "/commits/{ref*}/statuses", needs: reading("statuses"), run: listStatuses },
  { kind: "repo", method: "GET", path: "/deployments", needs: reading("deployments"), run: listDeployments },
  {
    kind: "repo",
    method: "GET",
    path: "/deployments/{id}/statuses",
    needs: reading("deployments"),
    run: listDeploymentStatuses,
  },
];

async function listStatuses(call: RepoCall): Promise<Answer> {
  const { store, repo } = call;
  const sha = await resolveCommit(repo.git, param(call, "ref"));
  if (sha === undefined) throw notFound();
  const statuses = (repo.statuses.get(sha) ?? []).toReversed();
  return paged(call, statuses, (page) => page.map((status) => statusShape(store, repo, status)));
}

function listDeployments(call: RepoCall): Answer {
  const { store, repo, url } = call;
  const asked = (name: string) => url.searchParams.get(name) ?? undefined;
  const found = deploymentsOf(repo, { sha: asked("sha") ?? asked("ref"), environment: asked("environment") });
  return paged(call, found, (page) => page.map((deployment) => deploymentShape(store, repo, deployment)));
}

function listDeploymentStatuses(call: RepoCall): Answer {
  const { store, repo } = call;
  const deployment = repo.deployments.get(numberParam(call, "id"));
  if (deployment === undefined) throw notFound();
  return paged(call, deployment.statuses.toReversed(), (page) =>
    page.map((status) => deploymentStatusShape(store, repo, { deployment, status })),
  );
}
