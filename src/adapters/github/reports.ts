import { sha, type Sha } from "../../core/names.ts";
import type { Report } from "../../core/report.ts";
import { unreachable } from "../../core/unreachable.ts";
import type { ReportsOf } from "../../ports/forge.ts";
import { PER_PAGE, type Api } from "./api.ts";

/**
 * The newest word of an account on each of some commits. One page of a hundred is read of each list, newest first:
 * of the statuses of every commit, or of the deployments to the environment and then of the statuses of those that count.
 */
export async function readReports(api: Api, source: ReportsOf, commits: readonly Sha[]): Promise<readonly Report[]> {
  switch (source.posted.kind) {
    case "status":
      return (await Promise.all(commits.map((commit) => ofStatuses(api, source, commit)))).flat();
    case "deployment":
      return ofDeployments(api, source, commits);
    default:
      return unreachable(source.posted.kind);
  }
}

async function ofStatuses(api: Api, { by, posted }: ReportsOf, commit: Sha): Promise<readonly Report[]> {
  const route = "GET /repos/{owner}/{repo}/commits/{ref}/statuses";
  const { data } = await api.request(route, { ...api.repo, ref: commit, per_page: PER_PAGE });
  return newest(
    commit,
    data.filter((status) => status.context === posted.label && isBy(by, status.creator)),
  );
}

// A deployment says itself which commit it is of, and who made it; what became of it its statuses say, which anybody may add.
async function ofDeployments(api: Api, { by, posted }: ReportsOf, commits: readonly Sha[]): Promise<readonly Report[]> {
  const route = "GET /repos/{owner}/{repo}/deployments";
  const { data } = await api.request(route, { ...api.repo, environment: posted.label, per_page: PER_PAGE });
  const wanted = new Set<string>(commits);
  const own = data.filter((one) => wanted.has(one.sha) && one.environment === posted.label && isBy(by, one.creator));
  return (
    await Promise.all(own.map(({ id, sha: of }) => ofDeployment(api, by, { id: Number(id), commit: sha(of) })))
  ).flat();
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

type Said = { readonly state: string; readonly created_at: string };

// GitHub itself makes older deployments of an environment inactive: that says nothing of whether they ran.
const OUTCOMES: ReadonlyMap<string, Report["outcome"]> = new Map([
  ["success", "success"],
  ["failure", "failure"],
  ["error", "failure"],
]);

/** The first of these that has an outcome, newest first; none where something is pending on top of it. */
function newest(commit: Sha, said: readonly Said[]): readonly Report[] {
  const last = said.find(({ state }) => state !== "inactive");
  const outcome = OUTCOMES.get(last?.state ?? "");
  return last === undefined || outcome === undefined ? [] : [{ commit, at: Date.parse(last.created_at), outcome }];
}

/** GitHub names whose token has posted, whatever the post says; logins are alike in any case. */
function isBy(login: string, creator: { readonly login: string } | null): boolean {
  return creator?.login.toLowerCase() === login.toLowerCase();
}
