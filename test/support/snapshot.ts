import { repoName } from "../../src/core/names.ts";
import type { Member, Snapshot } from "../../src/core/snapshot.ts";
import { HEAD } from "./member.ts";

/** One look at a repository that has these members and nothing else. */
export function snapshotOf(members: readonly Member[], changes: Partial<Snapshot> = {}): Snapshot {
  return {
    repo: repoName("acme/gitops"),
    branch: "main",
    head: HEAD,
    members,
    refusals: [],
    bumps: [],
    litter: [],
    letGo: [],
    unconcerned: [],
    unheard: 0,
    lastMerge: undefined,
    ...changes,
  };
}
