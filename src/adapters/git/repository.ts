import { sha, type Sha } from "../../core/names.ts";
import { commitsOf, type Commits } from "./commits.ts";
import { GitError } from "./error.ts";
import { objectsOf, type Objects } from "./objects.ts";
import { git, type Place } from "./run.ts";
import { treesOf, type Trees } from "./trees.ts";
import type { Identity } from "./write.ts";

/** A bare repository, with what is kept of its objects: none of them ever changes. */
export type Repository = {
  readonly place: Place;
  readonly identity: Identity;
  readonly objects: Objects;
  readonly trees: Trees;
  readonly commits: Commits;
};

/** The repository at a place; it has no other. */
export function repositoryAt(place: Place, identity: Identity): Repository {
  const objects = objectsOf(place);
  return { place, identity, objects, trees: treesOf(objects), commits: commitsOf(objects, identity) };
}

/** The folder that a commit holds. Throws a GitError, in git's words, where there is no such commit. */
export async function rootOf({ place, commits }: Repository, commit: Sha): Promise<Sha> {
  const found = await commits(commit);
  return found?.tree ?? treeSaidBy(await git(place, ["cat-file", "commit", commit]));
}

function treeSaidBy(body: Buffer): Sha {
  const id = /^tree ([0-9a-f]{40})\n/.exec(body.toString("latin1"))?.[1];
  if (id === undefined) throw new GitError("cat-file", "corrupt commit");
  return sha(id);
}
