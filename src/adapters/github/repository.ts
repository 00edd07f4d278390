import type { Lane, MergeMethod, Permission, Repository } from "../../ports/forge.ts";
import type { Api } from "./api.ts";
import { ForgeError } from "./error.ts";
import { inLane } from "./transport.ts";

/** The repository's default branch and the merge methods that it allows, the preferred first. */
export async function readRepository({ request, repo }: Api, lane: Lane): Promise<Repository> {
  const { data } = await request("GET /repos/{owner}/{repo}", { ...repo, request: inLane(lane) });
  // A setting that GitHub does not show is taken as allowed; the merge itself will say so if not.
  const allowed: readonly (readonly [MergeMethod, boolean | undefined])[] = [
    ["squash", data.allow_squash_merge],
    ["merge", data.allow_merge_commit],
    ["rebase", data.allow_rebase_merge],
  ];
  return {
    defaultBranch: data.default_branch,
    mergeMethods: allowed.filter(([, setting]) => setting !== false).map(([method]) => method),
  };
}

/** What a person may do, by GitHub's live answer: `none` for a stranger, and, logged, where there is no answer. */
export async function readPermission({ request, repo, log }: Api, login: string): Promise<Permission> {
  try {
    const route = "GET /repos/{owner}/{repo}/collaborators/{username}/permission";
    const { data } = await request(route, { ...repo, username: login });
    return isPermission(data.permission) ? data.permission : "none";
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    if (error.fault !== "gone")
      log.warn("A permission could not be looked up; it counts as none.", { login, because: error.message });
    return "none";
  }
}

// GitHub folds the finer roles into these: maintain into write, triage into read.
const PERMISSIONS: readonly Permission[] = ["admin", "write", "read", "none"];

function isPermission(value: string): value is Permission {
  return PERMISSIONS.some((permission) => permission === value);
}
