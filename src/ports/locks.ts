import type { RepoKey } from "./queue.ts";

/** Keeps processes apart that share the work. */
export type Locks = {
  /** Another number after every hold of the repository by anyone; it never comes to one that it had before. */
  readonly turn: (key: RepoKey) => Promise<number>;
  /** Runs work, told the turn before it, while no other process holds the repository. Rejects where it cannot be had in time. */
  readonly hold: <T>(key: RepoKey, work: (turn: number) => Promise<T>) => Promise<T>;
};
