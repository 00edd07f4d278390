import type { Sha } from "../core/names.ts";

export type MergeMethod = "squash" | "merge" | "rebase";

export type Repository = { readonly defaultBranch: string; readonly mergeMethods: readonly MergeMethod[] };

/** A pull request of the same repository or of a fork. */
export type Pull = {
  readonly number: number;
  readonly title: string;
  /** Opened by this App. */
  readonly ours: boolean;
  readonly author: string;
  readonly branch: string;
  readonly fromFork: boolean;
  readonly base: string;
  readonly headSha: Sha;
};

export type Comment = {
  readonly id: number;
  readonly pull: number;
  readonly author: string;
  /** Written by an App or a bot account. */
  readonly byBot: boolean;
  /** The text was changed after it was written. */
  readonly edited: boolean;
  readonly at: number;
  readonly body: string;
};

/** What GitHub's live look-up says a person may do; `none` also when the look-up fails. */
export type Permission = "admin" | "write" | "read" | "none";

export type CheckName = "tidegate/plan" | "tidegate/gate";

export type Conclusion = "success" | "failure" | "action_required" | "neutral";

export type CheckRun = {
  readonly id: number;
  readonly name: string;
  readonly headSha: Sha;
  readonly externalId: string;
  readonly conclusion: Conclusion | undefined;
  readonly title: string;
};

/** A check run as it should be. `conclusion` undefined: in progress. Lengths are cut to GitHub's limits by the adapter. */
export type NewCheck = {
  readonly name: CheckName;
  readonly headSha: Sha;
  /** Equal content has an equal id: reporting it again costs no write. */
  readonly externalId: string;
  readonly conclusion: Conclusion | undefined;
  readonly title: string;
  readonly summary: string;
  readonly text: string | undefined;
};

export type NewPull = { readonly branch: string; readonly base: string; readonly title: string; readonly body: string };

/**
 * `moved`: the head is no longer the one that was judged. `conflict`: cannot be merged as it is. `refused`: rules forbid it, with GitHub's words.
 * `unknown`: no answer tells whether it took effect; the next look will.
 */
export type MergeOutcome =
  | { readonly kind: "merged"; readonly sha: Sha }
  | { readonly kind: "moved" }
  | { readonly kind: "conflict" }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "unknown"; readonly reason: string };

export type Reaction = "+1" | "-1" | "confused" | "eyes";

/** `abort` may use the reserve of the rate limits; `step` and `talk` wait for the ordinary share, talk last. */
export type Lane = "abort" | "step" | "talk";

export type ForgeReader = {
  readonly repository: () => Promise<Repository>;
  /** Every open pull request into `base`. */
  readonly openPulls: (base: string) => Promise<readonly Pull[]>;
  /** Numbers of the merged pull requests that brought a commit, newest first. */
  readonly pullsOf: (commit: Sha) => Promise<readonly number[]>;
  /** The newest run of ours with that name on a commit. */
  readonly check: (headSha: Sha, name: CheckName) => Promise<CheckRun | undefined>;
  /** Comments on issues and pull requests, written at or after `since` (milliseconds), oldest first. */
  readonly comments: (since: number) => Promise<readonly Comment[]>;
  /** This App has put a reaction on the comment. */
  readonly answered: (comment: number) => Promise<boolean>;
  readonly permission: (login: string) => Promise<Permission>;
};

export type ForgeWriter = {
  /** Opens a pull request, or finds the open one of that branch. */
  readonly openPull: (pull: NewPull, lane: Lane) => Promise<number>;
  readonly describePull: (number: number, title: string, body: string) => Promise<void>;
  readonly mergePull: (
    number: number,
    headSha: Sha,
    message: { readonly title: string; readonly body: string },
    lane: Lane,
  ) => Promise<MergeOutcome>;
  readonly closePull: (number: number) => Promise<void>;
  /** Creates or updates our run of that name on that commit; equal `externalId` is left alone. */
  readonly report: (check: NewCheck, lane: Lane) => Promise<void>;
  /** Keeps exactly one comment of ours per topic and pull request up to date. */
  readonly say: (pull: number, topic: string, text: string) => Promise<void>;
  readonly react: (comment: number, reaction: Reaction) => Promise<void>;
};
