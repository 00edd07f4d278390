import { isSha, sha, type Sha } from "../../core/names.ts";
import type { Lane, MergeOutcome } from "../../ports/forge.ts";
import type { Api } from "./api.ts";
import { ForgeError } from "./error.ts";
import { readRepository } from "./repository.ts";
import { misshapen } from "./misshapen.ts";
import { inLane } from "./transport.ts";

export type Merge = {
  readonly number: number;
  /** What was judged, and the only head that is merged. */
  readonly headSha: Sha;
  readonly message: { readonly title: string; readonly body: string };
  readonly lane: Lane;
};

/** Merges a pull request pinned to a head, once, by the first method that the repository allows. Whatever GitHub answers, the pull request itself is read again before anything but a success is told. */
export async function mergePull(api: Api, merge: Merge): Promise<MergeOutcome> {
  const { number, headSha, message, lane } = merge;
  const { mergeMethods } = await readRepository(api, lane);
  const [method] = mergeMethods;
  if (method === undefined) return { kind: "refused", reason: "The repository allows no way of merging." };
  try {
    const { data } = await api.request("PUT /repos/{owner}/{repo}/pulls/{pull_number}/merge", {
      ...api.repo,
      pull_number: number,
      sha: headSha,
      merge_method: method,
      commit_title: message.title,
      commit_message: message.body,
      request: inLane(lane),
    });
    if (data.merged && isSha(data.sha)) return { kind: "merged", sha: sha(data.sha) };
    if (typeof data.message !== "string") throw misshapen("A merge");
    return { kind: "unknown", reason: data.message };
  } catch (error) {
    if (!(error instanceof ForgeError) || error.fault === "throttled" || error.fault === "unauthorised") throw error;
    return settle(error, await readPull(api, merge), merge);
  }
}

/** What a pull request says of itself; undefined where it could not be read. */
type PullNow = {
  readonly merged: boolean;
  readonly mergeCommit: string | null;
  readonly open: boolean;
  readonly headSha: string;
  readonly mergeable: boolean | null;
  readonly mergeableState: string;
};

async function readPull({ request, repo, log }: Api, { number, lane }: Merge): Promise<PullNow | undefined> {
  try {
    const { data } = await request("GET /repos/{owner}/{repo}/pulls/{pull_number}", {
      ...repo,
      pull_number: number,
      request: inLane(lane),
    });
    if (!("head" in data)) throw misshapen("A pull request");
    return {
      merged: data.merged,
      mergeCommit: data.merge_commit_sha,
      open: data.state === "open",
      headSha: data.head.sha,
      mergeable: data.mergeable,
      mergeableState: data.mergeable_state,
    };
  } catch (error) {
    if (!(error instanceof ForgeError)) throw error;
    log.warn("A pull request could not be read after a merge that failed.", { pull: number, because: error.message });
    return undefined;
  }
}

/** Joins GitHub's answer to the merge with what the pull request says afterwards. The order is the contract: what has happened, then what changed, then what was said. */
function settle(error: ForgeError, pull: PullNow | undefined, { headSha }: Merge): MergeOutcome {
  const { fault, reason } = error;
  // Another head was merged, by someone else: what was judged is not what landed.
  if (pull !== undefined && pull.headSha !== headSha) return { kind: "moved" };
  if (pull?.merged === true)
    return isSha(pull.mergeCommit) ? { kind: "merged", sha: pull.mergeCommit } : { kind: "unknown", reason };
  if (error.status === 409) return { kind: "moved" };
  if (pull?.open === false) return { kind: "refused", reason: "The pull request is closed." };
  if (fault === "transient") return { kind: "unknown", reason };
  if (fault === "conflict") return unmergeable(reason, pull);
  return { kind: "refused", reason };
}

/** A 405 is a conflict, a rule, or GitHub not knowing yet: its words and the pull request tell which. */
function unmergeable(reason: string, pull: PullNow | undefined): MergeOutcome {
  if (/base branch was modified/i.test(reason)) return { kind: "unknown", reason };
  if (pull === undefined) return { kind: "unknown", reason };
  if (pull.mergeable === false || pull.mergeableState === "dirty") return { kind: "conflict" };
  if (!/not mergeable/i.test(reason)) return { kind: "refused", reason };
  return pull.mergeable === null ? { kind: "unknown", reason } : { kind: "refused", reason };
}
