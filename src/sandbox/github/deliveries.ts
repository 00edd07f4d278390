import { HttpError } from "./http-error.ts";
import { resolveCommit } from "./repo.ts";
import type { Account, Acting, Repo } from "./store.ts";

/** What somebody says of a commit under a context. */
export type CommitStatus = {
  readonly id: number;
  readonly sha: string;
  readonly context: string;
  readonly state: "error" | "failure" | "pending" | "success";
  readonly description: string | null;
  readonly creator: Account;
  readonly at: number;
};

export type DeploymentState = "error" | "failure" | "inactive" | "in_progress" | "queued" | "pending" | "success";

/** What somebody says became of a deployment. */
export type DeploymentStatus = {
  readonly id: number;
  readonly state: DeploymentState;
  readonly description: string;
  readonly creator: Account;
  readonly at: number;
};

/** A commit on its way to an environment, or there. */
export type Deployment = {
  readonly id: number;
  readonly sha: string;
  readonly environment: string;
  readonly creator: Account;
  readonly at: number;
  /** Oldest first. */
  readonly statuses: readonly DeploymentStatus[];
};

export type NewStatus = Pick<CommitStatus, "sha" | "context" | "state"> & { readonly description?: string };

export type NewDeployment = {
  readonly sha: string;
  readonly environment: string;
  readonly state: DeploymentState;
  readonly description?: string;
};

const MOST_STATUSES = 1_000;

/** Adds a status to a commit; 422 where there is no such commit, and at the thousandth of one context. */
export async function createStatus(acting: Acting, given: NewStatus): Promise<CommitStatus> {
  const { store, repo, by } = acting;
  const { sha, context, state, description = null } = given;
  await refuseUnknown(repo, sha);
  const known = repo.statuses.get(sha) ?? [];
  if (known.filter((one) => one.context === context).length >= MOST_STATUSES)
    throw new HttpError(422, "Validation Failed: This SHA and context has reached the maximum number of statuses.");
  const status: CommitStatus = {
    id: store.nextId(),
    sha,
    context,
    state,
    description,
    creator: by,
    at: store.clock.now(),
  };
  repo.statuses.set(sha, [...known, status]);
  return status;
}

/**
 * Says of a commit in an environment how it is deployed there, as Argo CD's notifications do: with a new deployment where the environment has none of that commit
 * (notifications-engine cf274d2, pkg/services/github.go, Send). A success makes the older ones of the environment inactive, as GitHub does where nobody asks otherwise.
 */
export async function reportDeployment(acting: Acting, given: NewDeployment): Promise<Deployment> {
  const { repo } = acting;
  const { sha, environment, state, description = "" } = given;
  await refuseUnknown(repo, sha);
  const [found] = deploymentsOf(repo, { sha, environment });
  const deployment = withStatus(acting, found ?? newDeployment(acting, sha, environment), { state, description });
  if (state === "success") retire(acting, deployment);
  return deployment;
}

/** The deployments that are asked for, newest first. */
export function deploymentsOf(
  { deployments }: Repo,
  { sha, environment }: { readonly sha?: string | undefined; readonly environment?: string | undefined },
): readonly Deployment[] {
  const asked = [...deployments.values()].filter(
    (one) => one.sha === (sha ?? one.sha) && one.environment === (environment ?? one.environment),
  );
  return asked.toReversed();
}

function newDeployment({ store, by }: Acting, sha: string, environment: string): Deployment {
  return { id: store.nextId(), sha, environment, creator: by, at: store.clock.now(), statuses: [] };
}

function withStatus(
  { store, repo, by }: Acting,
  deployment: Deployment,
  { state, description }: Pick<DeploymentStatus, "state" | "description">,
): Deployment {
  const status: DeploymentStatus = { id: store.nextId(), state, description, creator: by, at: store.clock.now() };
  const after = { ...deployment, statuses: [...deployment.statuses, status] };
  repo.deployments.set(deployment.id, after);
  return after;
}

// GitHub leaves those alone that are of production, and takes an environment of that name for it.
function retire(acting: Acting, { id, environment }: Deployment): void {
  if (environment === "production") return;
  const others = deploymentsOf(acting.repo, { environment }).filter((one) => one.id !== id);
  for (const other of others) {
    if (other.statuses.at(-1)?.state !== "inactive") withStatus(acting, other, { state: "inactive", description: "" });
  }
}

async function refuseUnknown({ git }: Repo, sha: string): Promise<void> {
  const known = /^[0-9a-f]{40}$/.test(sha) ? await resolveCommit(git, sha) : undefined;
  if (known === undefined) throw new HttpError(422, `No commit found for SHA: ${sha}`);
}
