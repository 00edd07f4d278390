import { sha, type Sha } from "../../core/names.ts";
import type { Report } from "../../core/report.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { ForgeReader } from "../../ports/forge.ts";
import { PER_PAGE, type Api } from "./api.ts";

type Status = Awaited<ReturnType<typeof statusesOf>>[number];
type Deployment = Awaited<ReturnType<typeof deploymentsTo>>[number];

/**
 * Reads the newest word of an account on each of some commits. One page of a hundred is read of each list, newest first:
 * of the statuses of every commit, or of the deployments to the environment and then of the statuses of those that count.
 * Members that are asked about at the same time share the lists.
 */
export function reportsReader(api: Api): ForgeReader["reports"] {
  const statuses = shared((commit: Sha) => statusesOf(api, commit));
  const deployments = shared((environment: string) => deploymentsTo(api, environment));
  return async ({ by, posted: { kind, label } }, commits) => {
    switch (kind) {
      case "status":
        return (
          await Promise.all(commits.map(async (commit) => said(commit, await statuses(commit), by, label)))
        ).flat();
      case "deployment": {
        const own = ownOf(await deployments(label), { by, label, commits });
        return (await Promise.all(own.map((one) => ofDeployment(api, by, one)))).flat();
      }
      default:
        return unreachable(kind);
    }
  };
}

/** A question that is asked once at a time, however many wait for its answer. */
function shared<Key, Answer>(ask: (key: Key) => Promise<Answer>): (key: Key) => Promise<Answer> {
  const asking = new Map<Key, Promise<Answer>>();
  return (key) => {
    const known = asking.get(key);
    if (known !== undefined) return known;
    const answer = ask(key).finally(() => asking.delete(key));
    asking.set(key, answer);
    return answer;
  };
}

async function statusesOf({ request, repo }: Api, commit: Sha) {
  const route = "GET /repos/{owner}/{repo}/commits/{ref}/statuses";
  return (await request(route, { ...repo, ref: commit, per_page: PER_PAGE })).data;
}

async function deploymentsTo({ request, repo }: Api, environment: string) {
  const route = "GET /repos/{owner}/{repo}/deployments";
  return (await request(route, { ...repo, environment, per_page: PER_PAGE })).data;
}

function said(commit: Sha, statuses: readonly Status[], by: string, label: string): readonly Report[] {
  return newest(
    commit,
    statuses.filter(({ context, creator }) => context === label && isBy(by, creator)),
  );
}

type Wanted = { readonly by: string; readonly label: string; readonly commits: readonly Sha[] };

// A deployment says itself which commit it is of, and who made it; what became of it its statuses say, which anybody may add.
function ownOf(deployments: readonly Deployment[], { by, label, commits }: Wanted) {
  const wanted = new Set<string>(commits);
  const own = deployments.filter((one) => wanted.has(one.sha) && one.environment === label && isBy(by, one.creator));
  return own.map(({ id, sha: of }) => ({ id: Number(id), commit: sha(of) }));
}

async function ofDeployment(
  { request, repo }: Api,
  by: string,
  { id, commit }: { readonly id: number; readonly commit: Sha },
): Promise<readonly Report[]> {
  const route = "GET /repos/{owner}/{repo}/deployments/{deployment_id}/statuses";
  const { data } = await request(route, { ...repo, deployment_id: id, per_page: PER_PAGE });
  return newest(
    commit,
    data.filter((status) => isBy(by, status.creator)),
  );
}

type Posted = { readonly state: string; readonly created_at: string };

// GitHub itself makes older deployments of an environment inactive: that says nothing of whether they ran.
const OUTCOMES: ReadonlyMap<string, Report["outcome"]> = new Map([
  ["success", "success"],
  ["failure", "failure"],
  ["error", "failure"],
]);

/** The first of these that has an outcome, newest first; none where something is pending on top of it. */
function newest(commit: Sha, posts: readonly Posted[]): readonly Report[] {
  const last = posts.find(({ state }) => state !== "inactive");
  const outcome = OUTCOMES.get(last?.state ?? "");
  return last === undefined || outcome === undefined ? [] : [{ commit, at: Date.parse(last.created_at), outcome }];
}

/** GitHub names whose token has posted, whatever the post says; logins are alike in any case. */
function isBy(login: string, creator: { readonly login: string } | null): boolean {
  return creator?.login.toLowerCase() === login.toLowerCase();
}
