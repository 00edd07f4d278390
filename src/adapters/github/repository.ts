import type { Lane, MergeMethod, Repository } from "../../ports/forge.ts";
import type { Api } from "./api.ts";
import { misshapen } from "./misshapen.ts";
import { inLane } from "./transport.ts";

/** The repository's default branch and the merge methods that it allows, the preferred first. */
export async function readRepository({ request, repo }: Api, lane: Lane): Promise<Repository> {
  const { data } = await request("GET /repos/{owner}/{repo}", { ...repo, request: inLane(lane) });
  if (typeof data.default_branch !== "string") throw misshapen("A repository");
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
