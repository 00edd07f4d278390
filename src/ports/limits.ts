import type { RepoName } from "../core/names.ts";
import type { HeldBack, Rate } from "../core/pacing.ts";
import type { Lane } from "./forge.ts";

/** A rate, and how much of it the last stretch has used; aborts count, and may go beyond it. */
export type Used = Rate & { readonly used: number };

/** What one repository has used of what GitHub advises. */
export type RepositoryLimits = { readonly repo: RepoName; readonly pushes: Used; readonly merges: Used };

/** What one installation has used of GitHub's limits, as this process knows it. Moments are milliseconds since the epoch. */
export type InstallationLimits = {
  readonly installation: number;
  /** A read is one point, a write five. */
  readonly points: Used;
  /** Pull requests, merges and comments. */
  readonly contentPerMinute: Used;
  readonly contentPerHour: Used;
  /** GitHub's own count of requests, as last heard; undefined before its first answer. */
  readonly hour: { readonly left: number; readonly limit: number; readonly resetAt: number } | undefined;
  /** Requests that wait to be sent. */
  readonly waiting: Readonly<Record<Lane, number>>;
  /** Requests that GitHub has not answered yet. */
  readonly running: number;
  /** Nothing is sent before, as GitHub has refused; 0 where it never has. */
  readonly blockedUntil: { readonly ordinary: number; readonly abort: number };
  /** Since the process began: what GitHub refused for its rate, and what was not sent as it would have waited too long here. */
  readonly refused: number;
  readonly heldBack: number;
  /** Those that pushed or merged lately. */
  readonly repositories: readonly RepositoryLimits[];
};

/** So much of a limit that several share, by its name. */
export type Claim = Rate & { readonly name: string; readonly amount: number };

/** The budget of an installation among processes. */
export type SharedBudget = {
  /** Takes all of some claims, or none of them: then how long to wait, milliseconds, and the index of the claim that waits longest. Rejects where nobody can tell. */
  readonly take: (claims: readonly Claim[]) => Promise<{ readonly waitMs: number; readonly claim: number } | undefined>;
  /** Counts what is sent whatever there is room for; nobody waits for it. */
  readonly note: (claims: readonly Claim[]) => void;
};

/** What GitHub's limits would keep from being sent for a repository now, for longer than is waited for inside a look. `landed`: when git shows that steps did, milliseconds; another process may have merged them. */
export type LimitsAhead = (landed: readonly number[]) => HeldBack;

/** What is known of every installation that was spoken for. */
export type LimitsState = readonly InstallationLimits[];
