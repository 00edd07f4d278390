import type { RestEndpointMethodTypes } from "@octokit/rest";
import type { CheckRun, Pull, Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { appShape, nodeId } from "./account.ts";
import { repoUrl } from "./repository.ts";

export type CheckShape = RestEndpointMethodTypes["checks"]["get"]["response"]["data"];

/** A check run. Its buttons and images are not part of the answer: GitHub only shows them to people. */
export function checkShape(store: Store, repo: Repo, run: CheckRun) {
  const url = `${repoUrl(store, repo)}/check-runs/${run.id}`;
  const html = `${store.origin}/${repo.fullName}/runs/${run.id}`;
  const { status } = run;
  const { images: _, annotations, ...output } = run.output;
  return {
    id: run.id,
    node_id: nodeId("CheckRun", run.id),
    name: run.name,
    head_sha: run.headSha,
    external_id: run.externalId,
    url,
    html_url: html,
    details_url: run.detailsUrl ?? html,
    status: status.kind,
    conclusion: status.kind === "completed" ? status.conclusion : null,
    started_at: timestamp(run.startedAt),
    completed_at: status.kind === "completed" ? timestamp(status.at) : null,
    output: { ...output, annotations_count: annotations.length, annotations_url: `${url}/annotations` },
    check_suite: { id: run.suite },
    app: appShape(store, { ...run.app, permissions: { checks: "write" } }),
    pull_requests: pullsAt(repo, run.headSha).map((pull) => minimalPull(store, repo, pull)),
  } satisfies CheckShape;
}

/** The open pull requests of the repository itself whose head is a commit. */
export function pullsAt({ pulls }: Repo, sha: string): readonly Pull[] {
  return [...pulls.values()].filter(
    ({ state, head }) => state.kind === "open" && head.sha === sha && head.fork === undefined,
  );
}

function minimalPull(store: Store, repo: Repo, { id, number, head, base }: Pull) {
  const own = { id: repo.id, url: repoUrl(store, repo), name: repo.name };
  return {
    id,
    number,
    url: `${repoUrl(store, repo)}/pulls/${number}`,
    head: { ref: head.branch, sha: head.sha, repo: own },
    base: { ref: base.branch, sha: base.sha, repo: own },
  };
}
