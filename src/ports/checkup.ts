import type { RepoName } from "../core/names.ts";

/** What an App asks for or an installation grants: levels by permission, such as `contents: write`. */
export type Grant = { readonly permissions: Readonly<Record<string, string>>; readonly events: readonly string[] };

/** The App as it is registered. `settings` is the address of its settings page. */
export type AppFacts = Grant & { readonly id: number; readonly slug: string; readonly settings: string };

/** `page` is where people of the account configure the installation. */
export type InstallationFacts = Grant & {
  readonly id: number;
  readonly account: string;
  readonly suspended: boolean;
  readonly page: string;
};

/** The App's webhook. `contentType` is GitHub's word: `json` or `form`. */
export type HookFacts = {
  readonly url: string;
  readonly contentType: string;
  readonly hasSecret: boolean;
  readonly checksCertificates: boolean;
};

/** A webhook as GitHub tried to deliver it. `at` in milliseconds; `status` as GitHub got it, 0 where nothing answered. */
export type DeliveryFacts = {
  readonly at: number;
  readonly event: string;
  readonly status: number;
  readonly throttled: boolean;
};

/** A setting that GitHub does not show is undefined. */
export type RepositoryFacts = {
  readonly page: string;
  readonly branch: string;
  readonly archived: boolean;
  readonly methods: Readonly<Record<"squash" | "merge" | "rebase", boolean | undefined>>;
  readonly deletesBranches: boolean | undefined;
};

/** A rule of a branch, by GitHub's name of it (`creation`, `non_fast_forward` …), and the ruleset that it stands in. */
export type Restriction = {
  readonly rule: string;
  readonly ruleset: string;
  /** Where the ruleset is edited; undefined where GitHub does not say. */
  readonly page: string | undefined;
  readonly bypass: "always" | "pullRequests" | "never" | "unknown";
};

/** What is known of the App itself, asked with its own key. */
export type AppCheckup = {
  readonly app: () => Promise<AppFacts>;
  readonly installations: () => Promise<readonly InstallationFacts[]>;
  /** The installation that covers a repository; undefined where none does. */
  readonly installationOf: (repo: RepoName) => Promise<InstallationFacts | undefined>;
  /** Undefined where the App has no webhook. */
  readonly hook: () => Promise<HookFacts | undefined>;
  /** What was delivered at or after `since` (milliseconds), newest first; of the newest thousand. */
  readonly deliveries: (since: number) => Promise<readonly DeliveryFacts[]>;
  /** How far our clock is ahead of GitHub's, milliseconds, to within about a second. */
  readonly skew: () => Promise<number>;
};

/** What is known of one repository beyond what a look at it reads. */
export type RepositoryCheckup = {
  readonly settings: () => Promise<RepositoryFacts>;
  /** The rules that hold for a branch of that name, which need not exist. */
  readonly restrictions: (branch: string) => Promise<readonly Restriction[]>;
  /** The branch has protection of the older kind, whose content only administrators may read. */
  readonly isClassicallyProtected: (branch: string) => Promise<boolean>;
};
