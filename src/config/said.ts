import type { Policy } from "../core/plan.ts";
import type { RepoConfig } from "./repo-config.ts";

/** Where something stands in a file, from its root. */
export type Path = readonly (string | number)[];

/** A key, what is in effect under it, and where it may have been said: of these places the first that is written goes. `line` (from 1) where that is known already. */
export type Said = {
  readonly key: string;
  readonly text: string;
  readonly at: readonly Path[];
  readonly line?: number;
};

/** What a policy is explained with. */
export type Of = {
  readonly policy: Policy;
  readonly config: RepoConfig;
  /** Each gate's share of alpha. */
  readonly alphas: ReadonlyMap<string, number>;
  /** What `services` says of the service alone. */
  readonly entry: RepoConfig["services"][number] | undefined;
  /** Places below that entry, below its wave and below its target; none where there is no such entry. */
  readonly own: (...rest: Path) => readonly Path[];
  readonly wave: (...rest: Path) => readonly Path[];
  readonly target: (...rest: Path) => readonly Path[];
};
