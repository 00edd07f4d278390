import type { CommitStatus, Deployment, DeploymentStatus } from "../deliveries.ts";
import type { Repo, Store } from "../store.ts";
import { timestamp } from "../store.ts";
import { authorShape, nodeId } from "./account.ts";
import type { Published } from "./published.ts";
import { repoUrl } from "./repository.ts";

type StatusShape = Published<"repos", "listCommitStatusesForRef">[number];
type DeploymentShape = Published<"repos", "listDeployments">[number];
type DeploymentStatusShape = Published<"repos", "listDeploymentStatuses">[number];

/** A commit status. GitHub's description says that nobody is without an account; a status of one that is deleted has none. */
export function statusShape(store: Store, repo: Repo, status: CommitStatus) {
  const { id, sha, state, description, context, creator, at } = status;
  return {
    url: `${repoUrl(store, repo)}/statuses/${sha}`,
    avatar_url: `${store.origin}/avatars/${creator.id}`,
    id,
    node_id: nodeId("StatusContext", id),
    state,
    description,
    target_url: null,
    context,
    created_at: timestamp(at),
    updated_at: timestamp(at),
    creator: authorShape(store, creator),
  } satisfies StatusShape;
}

/** A deployment. */
export function deploymentShape(store: Store, repo: Repo, deployment: Deployment) {
  const { id, sha, environment, creator, at, statuses } = deployment;
  const url = `${repoUrl(store, repo)}/deployments/${id}`;
  return {
    url,
    id,
    node_id: nodeId("Deployment", id),
    sha,
    ref: sha,
    task: "deploy",
    payload: {},
    original_environment: environment,
    environment,
    description: null,
    creator: authorShape(store, creator),
    created_at: timestamp(at),
    updated_at: timestamp(statuses.at(-1)?.at ?? at),
    statuses_url: `${url}/statuses`,
    repository_url: repoUrl(store, repo),
    transient_environment: false,
    production_environment: environment === "production",
  } satisfies DeploymentShape;
}

/** What became of a deployment. */
export function deploymentStatusShape(
  store: Store,
  repo: Repo,
  { deployment, status }: { readonly deployment: Deployment; readonly status: DeploymentStatus },
) {
  const { id, state, description, creator, at } = status;
  const of = `${repoUrl(store, repo)}/deployments/${deployment.id}`;
  return {
    url: `${of}/statuses/${id}`,
    id,
    node_id: nodeId("DeploymentStatus", id),
    state,
    creator: authorShape(store, creator),
    description,
    environment: deployment.environment,
    target_url: "",
    created_at: timestamp(at),
    updated_at: timestamp(at),
    deployment_url: of,
    repository_url: repoUrl(store, repo),
    environment_url: "",
    log_url: "",
  } satisfies DeploymentStatusShape;
}
