import type { Sha } from "../core/names.ts";
import type { Lane } from "./forge.ts";

/** A regular file at a commit. `id` is git's blob id. */
export type Blob = { readonly id: Sha; readonly text: string };

export type Commit = {
  readonly sha: Sha;
  readonly parents: readonly Sha[];
  /** Committer's date, milliseconds since the epoch. */
  readonly at: number;
  readonly message: string;
  /** The author's name, as the commit has it: anybody may write any name there. */
  readonly author: string;
  /** It bears the name and address that this Tidegate writes under. */
  readonly ours: boolean;
};

export type NewCommit = {
  readonly parent: Sha;
  /** Whole texts by path, undefined for a file that goes; a path that is not named stays as it is in the parent. */
  readonly files: ReadonlyMap<string, string | undefined>;
  readonly message: string;
  /** Author's and committer's date, milliseconds since the epoch: the same facts give the same commit id. */
  readonly at: number;
};

/** Reads one repository's mirror. */
export type GitReader = {
  /** Brings the mirror up to date and tells every branch (`refs/heads/…`) and pull request head (`refs/pull/N/head`). */
  readonly fetch: () => Promise<ReadonlyMap<string, Sha>>;
  readonly commit: (sha: Sha) => Promise<Commit>;
  /** Regular files only (no links, no submodules), UTF-8, at most 1 MiB; a path that is none of these is absent. */
  readonly read: (commit: Sha, paths: readonly string[]) => Promise<ReadonlyMap<string, Blob>>;
  /** What lies at paths, links, submodules, folders and files of any size among it: the same word for the same content in the same mode. No content is read. */
  readonly entries: (commit: Sha, paths: readonly string[]) => Promise<ReadonlyMap<string, string>>;
  /** Paths of the regular files under a folder, recursively, sorted. */
  readonly list: (commit: Sha, folder: string) => Promise<readonly string[]>;
  /** Where the symbolic links under a folder lead, as they say it, by path, recursively; empty of what is too large or no UTF-8. */
  readonly links: (commit: Sha, folder: string) => Promise<ReadonlyMap<string, string>>;
  /** First-parent commits that changed a path, newest first, at most `limit`. */
  readonly history: (from: Sha, path: string, limit: number) => Promise<readonly Commit[]>;
  /** The second commit is the first one or an ancestor of it; one that is not known is not. */
  readonly contains: (head: Sha, commit: Sha) => Promise<boolean>;
  /** Paths that differ between the merge base of two commits and the second: what a pull request's diff shows. */
  readonly changed: (base: Sha, head: Sha) => Promise<readonly string[]>;
  /** That merge base; where the two have none, the first. */
  readonly fork: (base: Sha, head: Sha) => Promise<Sha>;
};

/** What a push throws that the remote's rules do not let in: nothing was done. `why`: what the remote said, on one line. */
export type Declined = Error & { readonly fault: "declined"; readonly why: string };

export type GitWriter = {
  /** Makes a commit in the mirror; nothing is pushed. */
  readonly write: (commit: NewCommit) => Promise<Sha>;
  /** Moves a branch from `expected` (undefined: does not exist) to `sha`; "moved" where it is elsewhere by now. Repeating a push that took effect is "pushed"; one that rules forbid throws `Declined`. `lane`: "step" unless said. */
  readonly push: (branch: string, sha: Sha, expected: Sha | undefined, lane?: Lane) => Promise<"pushed" | "moved">;
  /** Deletes a branch that is still at `expected`; one that is gone or elsewhere is left, and may be where it is pushed too fast. */
  readonly remove: (branch: string, expected: Sha) => Promise<void>;
};
