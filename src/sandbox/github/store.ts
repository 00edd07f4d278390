import type { CheckOutput } from "./check-output.ts";
import type { CommitStatus, Deployment } from "./deliveries.ts";
import type { GitRepo } from "./repo.ts";
import type { Lock } from "./lock.ts";
import type { Budget, Limits } from "./limits.ts";
import type { Memory } from "./distortion.ts";
import type { FaultHook } from "./faults.ts";
import type { Hook } from "./webhooks.ts";
import type { Witness } from "./witness.ts";

export type Account = { readonly id: number; readonly login: string; readonly type: "User" | "Bot" | "Organization" };

export type Role = "admin" | "maintain" | "write" | "triage" | "read";

export type MergeMethod = "merge" | "squash" | "rebase";

/** A check that must be green on the head before a merge; with `appId`, only that App's run counts. */
export type RequiredCheck = { readonly name: string; readonly appId?: number };

export type Settings = {
  readonly mergeMethods: readonly MergeMethod[];
  readonly requiredChecks: readonly RequiredCheck[];
  /** The App may change the default branch through pull requests only. */
  readonly protectsDefaultBranch: boolean;
  readonly deletesBranchOnMerge: boolean;
  /** Approving reviews that a merge into the default branch needs; with `dismissesStale` only those of its present head count. */
  readonly approvals: number;
  readonly dismissesStale: boolean;
  /** Files with owners in CODEOWNERS need the approval of one of them. */
  readonly codeOwners: boolean;
  /** The default branch moves through the merge queue only. */
  readonly mergeQueue: boolean;
  readonly signatures: boolean;
  /** No merge commits on the default branch. */
  readonly linear: boolean;
  /** How the App may pass these rules by: with pushes and merges, with merges, or not at all. */
  readonly bypass: "always" | "pullRequests" | "never";
};

export type PullState =
  | { readonly kind: "open" }
  | { readonly kind: "closed"; readonly at: number; readonly by: Account }
  | {
      readonly kind: "merged";
      readonly at: number;
      readonly by: Account;
      readonly sha: string;
      readonly landed: ReadonlySet<string>;
    };

export type Pull = {
  readonly id: number;
  readonly number: number;
  readonly title: string;
  readonly body: string | null;
  readonly author: Account;
  /** `fork` is the account whose copy of the repository holds the branch; undefined: the repository itself. */
  readonly head: { readonly branch: string; readonly sha: string; readonly fork: Account | undefined };
  /** `sha` is the base's tip when the head was last pushed, as on GitHub. */
  readonly base: { readonly branch: string; readonly sha: string };
  readonly draft: boolean;
  /** Names, in the order of adding. */
  readonly labels: readonly string[];
  readonly state: PullState;
  readonly createdAt: number;
  readonly updatedAt: number;
};

export type Label = { readonly id: number; readonly name: string };

export type Comment = {
  readonly id: number;
  /** The issue or pull request. */
  readonly number: number;
  readonly author: Account;
  readonly body: string;
  readonly createdAt: number;
  readonly updatedAt: number;
};

/** A pull request in the merge queue: the commit that it would land as (`head`), on the one before it (`base`), kept on a branch of its own. */
export type QueueEntry = {
  readonly number: number;
  readonly by: Account;
  /** The head of the pull request when it entered; another one takes it out. */
  readonly pullHead: string;
  readonly branch: string;
  readonly base: string;
  readonly head: string;
};

/** An approval of a pull request at a commit. */
export type Review = Pick<Comment, "id" | "number" | "author" | "body"> & {
  readonly sha: string;
  readonly at: number;
};

/** A team of an organisation; `members` are logins in lower case. */
export type Team = { readonly id: number; readonly members: ReadonlySet<string> };

export type Reaction = {
  readonly id: number;
  readonly comment: number;
  readonly author: Account;
  readonly content: ReactionContent;
  readonly createdAt: number;
};

export type ReactionContent = "+1" | "-1" | "laugh" | "confused" | "heart" | "hooray" | "rocket" | "eyes";

export type App = { readonly id: number; readonly slug: string; readonly clientId: string };

export type Conclusion = "success" | "failure" | "neutral" | "cancelled" | "skipped" | "timed_out" | "action_required";

export type CheckStatus =
  | { readonly kind: "queued" | "in_progress" }
  | { readonly kind: "completed"; readonly conclusion: Conclusion; readonly at: number };

export type CheckAction = { readonly label: string; readonly description: string; readonly identifier: string };

export type CheckRun = {
  readonly id: number;
  readonly suite: number;
  readonly app: App;
  readonly name: string;
  readonly headSha: string;
  readonly externalId: string;
  readonly detailsUrl: string | null;
  readonly status: CheckStatus;
  readonly startedAt: number;
  readonly output: CheckOutput;
  readonly actions: readonly CheckAction[];
};

/** What merging a head into a base would give; GitHub works it out in the background. */
export type Mergeability =
  | { readonly kind: "computing" }
  | { readonly kind: "conflict" }
  | { readonly kind: "clean"; readonly testCommit: string };

export type Repo = {
  readonly id: number;
  readonly owner: Account;
  readonly name: string;
  readonly fullName: string;
  /** Mutable: people rename it. */
  defaultBranch: string;
  readonly createdAt: number;
  /** The id of the ruleset that holds its branch rules. */
  readonly ruleset: number;
  readonly git: GitRepo;
  /** Held by whatever moves a ref: merges, pushes, the refs API. */
  readonly lock: Lock;
  readonly settings: { current: Settings };
  readonly roles: Map<string, Role>;
  readonly pulls: Map<number, Pull>;
  /** By name in lower case. */
  readonly labels: Map<string, Label>;
  readonly comments: Map<number, Comment>;
  readonly reactions: Map<number, Reaction>;
  readonly reviews: Map<number, Review>;
  readonly checks: Map<number, CheckRun>;
  /** By commit, oldest first. */
  readonly statuses: Map<string, readonly CommitStatus[]>;
  readonly deployments: Map<number, Deployment>;
  /** By pull request; `ends` is `<base sha> <head sha>`, for which it was worked out. */
  readonly mergeability: Map<number, { readonly ends: string; readonly merge: Mergeability }>;
  /** The merge queue of the default branch, first to last. */
  readonly queue: QueueEntry[];
  /** The commits that GitHub made and signed itself. */
  readonly signed: Set<string>;
  /** Work that no answer waits for. */
  readonly background: Set<Promise<void>>;
  /** Diff counts by `<base sha> <head sha>`. */
  readonly sizes: Map<string, Promise<PullSize>>;
};

export type PullSize = {
  readonly commits: number;
  readonly additions: number;
  readonly deletions: number;
  readonly changedFiles: number;
};

/** One installation of the App: on all repositories of one account, with what that account grants. */
export type Installation = {
  readonly id: number;
  readonly account: Account;
  readonly createdAt: number;
  readonly permissions: Permissions;
  readonly suspended: { readonly at: number; readonly by: Account } | undefined;
};

export type Level = "read" | "write";

export type Permissions = Readonly<Record<string, Level>>;

/** A permission that a token must have. */
export type Need = { readonly permission: string; readonly level: Level };

export type Token = {
  readonly person?: Account;
  readonly installation: Installation;
  /** Undefined: every repository of the account. */
  readonly repositories: readonly number[] | undefined;
  readonly permissions: Permissions;
  readonly expiresAt: number;
};

/** One request that was answered, by REST or by git. */
export type Call = {
  readonly at: number;
  readonly method: string;
  /** The route's pattern, e.g. `/repos/{owner}/{repo}/pulls/{number}`. */
  readonly route: string;
  readonly path: string;
  /** Undefined when the connection was dropped. */
  readonly status: number | undefined;
  readonly contentCreating: boolean;
  readonly installation: number | undefined;
};

/** `events`: what the App subscribes to, and all that it is told beside its installations. */
export type SandboxApp = App & {
  readonly publicKey: string;
  readonly permissions: Permissions;
  readonly events: readonly string[];
  /** What its tokens' times are held against. */
  readonly clock: { readonly now: () => number };
  readonly bot: Account;
};

/** Everything that this GitHub knows; the maps are its only mutable state. */
export type Store = {
  readonly clock: { readonly now: () => number };
  readonly origin: string;
  readonly dataDir: string;
  /** The `PATH` on which git is found. */
  readonly path: string;
  readonly app: SandboxApp;
  readonly limits: Limits;
  readonly hook: Hook;
  readonly faults: { current: FaultHook | undefined };
  /** What was answered while there was a fault rule. */
  readonly memory: Memory;
  /** An id never given before, of whatever kind. */
  readonly nextId: () => number;
  readonly accounts: Map<string, Account>;
  /** Ids of accounts that are gone; what they wrote is nobody's. */
  readonly ghosts: Set<number>;
  readonly repos: Map<string, Repo>;
  /** By `org/slug` in lower case. */
  readonly teams: Map<string, Team>;
  readonly installations: Map<number, Installation>;
  readonly tokens: Map<string, Token>;
  readonly budgets: Map<string, Budget>;
  readonly calls: Call[];
  readonly witness: Witness | undefined;
};

/** Somebody doing something in a repository. */
export type Acting = { readonly store: Store; readonly repo: Repo; readonly by: Account };

/** The account of a login, by GitHub's case-insensitive rule, or undefined. */
export function accountOf({ accounts }: Store, login: string): Account | undefined {
  return accounts.get(login.toLowerCase());
}

/** The account of a login, added where there is none: a bot if the login says so, else a person, unless `type` says otherwise. */
export function ensureAccount(store: Store, login: string, type?: Account["type"]): Account {
  const known = accountOf(store, login);
  if (known !== undefined) return known;
  const account: Account = { id: store.nextId(), login, type: type ?? (login.endsWith("[bot]") ? "Bot" : "User") };
  store.accounts.set(login.toLowerCase(), account);
  return account;
}

/** The repository of a full name (`owner/name`, any case), or undefined. */
export function repoOf({ repos }: Store, fullName: string): Repo | undefined {
  return repos.get(fullName.toLowerCase());
}

/** The App's installation on the owner of a repository, or undefined. */
export function installationOf({ installations }: Store, { owner }: Pick<Repo, "owner">): Installation | undefined {
  return [...installations.values()].find(({ account }) => account.id === owner.id);
}

/** GitHub's timestamps: ISO 8601 in UTC, whole seconds. */
export function timestamp(at: number): string {
  return new Date(at).toISOString().replace(/\.\d+Z$/, "Z");
}
