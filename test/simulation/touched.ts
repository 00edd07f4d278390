import type { Sha } from "../../src/core/names.ts";
import { pathsThatDiffer, type ModelGit } from "./git.ts";
import type { Merge } from "./forge.ts";
import { pathsOf } from "./places.ts";
import { entryIn } from "./state-facts.ts";

/** Whether a commit after another changes what a place's manifests are, or what the state file says of it. */
export function touches(git: ModelGit, merge: Span, service: string): boolean {
  return (
    touchesManifests(git, merge, service) ||
    ownState(git, merge.before, service) !== ownState(git, merge.after, service)
  );
}

export function touchesManifests(git: ModelGit, { before, after }: Span, service: string): boolean {
  const { state: _, ...manifests } = pathsOf(service);
  const paths = pathsThatDiffer(git.filesAt(before), git.filesAt(after));
  return Object.values(manifests).some((path) => paths.includes(path));
}

type Span = Pick<Merge, "before" | "after">;

/** What the state file says of the place; all of it where the service has no other. */
export function ownState(git: ModelGit, commit: Merge["after"], service: string): string {
  return entryIn(git.filesAt(commit).get(pathsOf(service).state) ?? "", service);
}

/** Whether what we wrote on a branch last is about a place. */
export function isWrittenFor(git: ModelGit, headSha: Sha, place: string): boolean {
  const own = git.firstParents(headSha).find(({ ours }) => ours);
  const before = own?.parents[0];
  return own !== undefined && before !== undefined && touches(git, { before, after: own.sha }, place);
}
