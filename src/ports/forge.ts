import type { Sha } from "../core/names.ts";
import type { Permission } from "../core/permissions.ts";
import type { Posted, Report } from "../core/report.ts";

export type { Permission };

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
  readonly draft: boolean;
  readonly labels: readonly string[];
  /** With line feeds alone; empty where there is none. */
  readonly body: string;
};

/** A pull request whose merge brought a commit. */
export type MergedPull = { readonly number: number; readonly labels: readonly string[] };

/** A pull request of ours that was closed without a merge. `at`: when, milliseconds. */
export type ClosedPull = {
  readonly number: number;
  readonly branch: string;
  readonly headSha: Sha;
  readonly at: number;
};

/** A press of a check's button, written down by this App as a comment that nobody has edited since. */
export type Asked = { readonly by: string; readonly headSha: Sha };

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
  /** How many there are of every kind, of everybody; 0 also means that this App has put none. */
  readonly reactions: number;
  readonly asked: Asked | undefined;
};

/** Who did something. `byBot`: an App or a bot account. */
export type Login = { readonly login: string; readonly byBot: boolean };

/** `role` is GitHub's `role_name`, finer than `permission` and possibly an organisation's own; "none" where `permission` is. */
export type Standing = { readonly permission: Permission; readonly role: string };

/** What the rules of a branch ask for; `bypass`: how this App may pass them by, "unknown" where GitHub does not say. */
export type BranchRules = {
  /** `appId` undefined: whoever reports a check of that name. */
  readonly checks: readonly { readonly name: string; readonly appId: number | undefined }[];
  /** Reviews that must approve; 0 where none is asked for. */
  readonly approvals: number;
  readonly codeOwners: boolean;
  readonly mergeQueue: boolean;
  readonly signatures: boolean;
  readonly linear: boolean;
  readonly bypass: "always" | "pullRequests" | "never" | "unknown";
};

export type CheckName = "tidegate/plan" | "tidegate/gate" | "tidegate/policy";

export type Conclusion = "success" | "failure" | "action_required" | "neutral";

export type CheckRun = {
  readonly id: number;
  readonly name: string;
  readonly headSha: Sha;
  readonly externalId: string;
  readonly conclusion: Conclusion | undefined;
  readonly title: string;
};

/** A button on a completed run: a label of at most 20 characters, a description of at most 40, an identifier of at most 20. */
export type CheckButton = { readonly label: string; readonly description: string; readonly identifier: string };

/** A picture below a check's text; `alt` says it to who does not see it. */
export type CheckImage = { readonly url: string; readonly alt: string; readonly caption: string };

/** A remark on a line (from 1) of a file; what GitHub has been told once stays on the run. */
export type CheckAnnotation = {
  readonly path: string;
  readonly line: number;
  readonly level: "failure" | "warning";
  readonly title: string;
  readonly message: string;
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
  /** At most 3. */
  readonly actions: readonly CheckButton[];
  readonly images?: readonly CheckImage[];
  /** At most 50. Where a run may have had some, what it says next is said by another run. */
  readonly annotations?: readonly CheckAnnotation[];
};

/** Without a title it keeps the one that it has. */
export type PullWords = { readonly title?: string; readonly body: string };

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

/**
 * Who goes first: `abort` may use the reserve of the rate limits; `person` are reads of looks that persons ask for, `news` those of looks for news; `step` and `talk` wait
 * for the ordinary share, talk last; `progress`, which a later word replaces, has half of a minute's.
 */
export type Lane = "abort" | "person" | "step" | "talk" | "news" | "progress";

/** Who reports, and where. */
export type ReportsOf = { readonly by: string; readonly posted: Posted };

/** Reads throw where GitHub gives no answer, except where a line says what they give then; half a list is never given. */
export type ForgeReader = {
  readonly repository: () => Promise<Repository>;
  /** Every open pull request into `base`. */
  readonly openPulls: (base: string) => Promise<readonly Pull[]>;
  /** The merged pull requests that brought a commit, newest first. */
  readonly pullsOf: (commit: Sha) => Promise<readonly MergedPull[]>;
  /** Ours into `base` that were closed without a merge and last changed at or after `since` (milliseconds), newest change first; of the newest thousand changed. */
  readonly closedPulls: (base: string, since: number) => Promise<readonly ClosedPull[]>;
  /** Who closed a pull request; undefined while it is open, or where GitHub does not know. */
  readonly closedBy: (pull: number) => Promise<Login | undefined>;
  /** Who merged a pull request; undefined where nobody has. */
  readonly mergedBy: (pull: number) => Promise<Login | undefined>;
  /** What the rules of a branch ask for now; how this App may pass them by is asked again after ten minutes. */
  readonly rules: (branch: string) => Promise<BranchRules>;
  /** The newest run of ours with that name on a commit. */
  readonly check: (headSha: Sha, name: CheckName) => Promise<CheckRun | undefined>;
  /** Comments on pull requests, written at or after `since` (milliseconds), oldest first. */
  readonly comments: (since: number) => Promise<readonly Comment[]>;
  /** This App has put a reaction on the comment; a yes is remembered. */
  readonly answered: (comment: number) => Promise<boolean>;
  /** What a person may do, looked up now; none where GitHub refuses to say. Throws where it does not answer. */
  readonly standing: (login: string) => Promise<Standing>;
  /** The newest words of an account on some commits under a place, as the tools that deliver post them; of each commit its newest, pending ones and what GitHub adds of itself left out. */
  readonly reports: (source: ReportsOf, commits: readonly Sha[]) => Promise<readonly Report[]>;
  /** Whether a person is in a team, `org/slug`, looked up now; no where GitHub refuses to say. Throws where it does not answer. */
  readonly inTeam: (team: string, login: string) => Promise<boolean>;
};

/** What a refusal for the rate throws: nothing was done, and nothing will be before `retryAt`, milliseconds. */
export type Throttled = Error & { readonly fault: "throttled"; readonly retryAt: number };

/** A writer that throws `throttled`, `forbidden` or `unauthorised` has done nothing; `transient`: nobody knows, and repeating is harmless. */
export type ForgeWriter = {
  /** Opens a pull request, or finds the open one of that branch. */
  readonly openPull: (pull: NewPull, lane: Lane) => Promise<number>;
  readonly mergePull: (
    number: number,
    headSha: Sha,
    message: { readonly title: string; readonly body: string },
    lane: Lane,
  ) => Promise<MergeOutcome>;
  readonly closePull: (number: number) => Promise<void>;
  /** Gives a pull request other words. */
  readonly rewordPull: (number: number, words: PullWords) => Promise<void>;
  /** Creates or updates our run of that name on that commit; an equal `externalId` is left alone, and where this process has seen it there, asks nothing. */
  readonly report: (check: NewCheck, lane: Lane) => Promise<void>;
  /** Keeps exactly one comment of ours per topic and pull request up to date. */
  readonly say: (pull: number, topic: string, text: string) => Promise<void>;
  readonly react: (comment: number, reaction: Reaction) => Promise<void>;
  /** Writes a press of a button down as a comment of ours, once while it is not answered. */
  readonly noteAsked: (pull: number, asked: Asked, verb: string) => Promise<void>;
};
