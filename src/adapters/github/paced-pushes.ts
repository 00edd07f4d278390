import type { RepoName } from "../../core/names.ts";
import type { GitWriter } from "../../ports/git.ts";
import { ForgeError } from "./error.ts";
import type { Limiter } from "./limiter.ts";

type Pushes = Pick<GitWriter, "push" | "remove">;

/** Pushes of a repository at the pace of its installation's limiter; one that would wait long throws as a write of the forge does. Nobody waits for a branch to be removed: where there is no room it stays, and is litter to a later look. */
export function pacedPushes(git: Pushes, limiter: Limiter, repo: RepoName): Pushes {
  return {
    push: (branch, sha, expected, lane = "step") =>
      limiter.run({ kind: "push", lane, repo }, () => git.push(branch, sha, expected, lane)),
    remove: async (branch, expected) => {
      try {
        await limiter.run({ kind: "push", lane: "progress", repo }, () => git.remove(branch, expected));
      } catch (error) {
        if (!(error instanceof ForgeError) || error.fault !== "throttled") throw error;
      }
    },
  };
}
