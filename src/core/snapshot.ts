import type { Command, CommandError } from "./commands.ts";
import type { AnalysisRun } from "./gate/analysis.ts";
import type { Manifest, Version } from "./manifest.ts";
import type { Name, RepoName, Sha } from "./names.ts";
import type { Human } from "./permissions.ts";
import type { Opting } from "./opting.ts";
import type { HeldBack } from "./pacing.ts";
import type { Plan, Policy } from "./plan.ts";
import type { PolicedPull } from "./policy.ts";
import type { Reading } from "./reading.ts";
import type { Reported } from "./report.ts";
import type { JudgedSeason } from "./season.ts";
import type { PlanName, ServiceState, TargetState } from "./state.ts";
import type { Earlier } from "./waves.ts";
import type { Window } from "./window.ts";

/** Everything one look has found out about one repository and its tracked branch; `decide` needs nothing else but the time. */
export type Snapshot = {
  readonly repo: RepoName;
  readonly branch: string;
  readonly head: Sha;
  readonly members: readonly Member[];
  readonly refusals: readonly Unreadable[];
  readonly bumps: readonly BumpPull[];
  /** What policy says of pull requests of others; absent where it has nothing to say. */
  readonly policed?: readonly PolicedPull[] | undefined;
  /** How many pull requests it has yet to look into; absent where none. */
  readonly unpoliced?: number | undefined;
  /** Branches of ours that outlived their pull requests: a crash came between a merge and the tidying up. */
  readonly litter: readonly Branch[];
  /** Open pull requests of ours for services that have no state file any more. */
  readonly letGo: readonly LetGo[];
  /** Heads that nothing of ours is in, and the checks that the branch's rules ask of them all the same. */
  readonly unconcerned: readonly Unconcerned[];
  /** Comments with commands that wait because GitHub did not say what their authors may. */
  readonly unheard: number;
  /** When the newest commit of a step landed in this repository, milliseconds; undefined where none did. */
  readonly lastMerge: number | undefined;
  /** What there is of opting in and out; absent where that was not asked. */
  readonly opting?: Opting | undefined;
  /** What GitHub's limits hold back, as far as is known; absent where nothing is. */
  readonly heldBack?: HeldBack | undefined;
};

/** A service in a target: the unit that moves. */
export type Member = {
  readonly state: ServiceState;
  readonly target: Name;
  readonly at: TargetState;
  readonly manifest: Manifest;
  readonly plan: Plan;
  /** Which of the configured plans that is. */
  readonly planName: PlanName;
  readonly policy: Policy;
  /** The other targets of its wave, in the order of the state file: what stands at the same step of one release moves in one pull request. */
  readonly fellows: readonly Name[];
  /** Targets that need the version which stands in a canary's file that is theirs as well: it must not be taken from them. */
  readonly sharing: readonly Name[];
  /** What a release that waits to begin is queued behind; empty where it is its turn. */
  readonly behind: readonly Earlier[];
  /** When each step of the release under way landed, by index, milliseconds. */
  readonly landings: ReadonlyMap<number, number>;
  /** When the member's state last changed: what must be seen live before anything further. Milliseconds. */
  readonly changedAt: number;
  /** The state before that change, where it ended a release; read only where something of the service changed lately. */
  readonly ended: ServiceState | undefined;
  /** Where the release under way, or else the version that the canary has and stable has not, came from; undefined where there is neither. */
  readonly bump: Bump | undefined;
  /**
   * The tracked branch right before stable was given the version of the release under way; undefined where it was not, or where that is not found.
   * Of an Argo Rollout that is not at rest: the newest commit at which its pod template is what stable runs.
   */
  readonly beforePromotion: Sha | undefined;
  /** The open pull request of the step to come; for a weight without a release, the one that proposes 0. */
  readonly pull: StepPull | undefined;
  /** The step's branch where no pull request of it is open, or the one that it had before its wave became another: it keeps what people have said. */
  readonly kept: KeptBranch | undefined;
  /** A person, or somebody unknown yet, closed the step's pull request, and its branch does not say so yet. */
  readonly closed: Closing | undefined;
  /** GitHub has refused to merge the step as it is; it is not asked again before `until`, milliseconds. */
  readonly refusal: Refusal | undefined;
  /**
   * Why nothing may rise although a release is under way or about to begin: a file of ours that cannot be read any more, and is judged as it last could be;
   * or something in the repository that would drop the canary's traffic.
   */
  readonly obstacle: string | undefined;
  /** The newest commit that changed what the state contradicts, and its author's name; undefined where nothing does. */
  readonly edit: Edit | undefined;
  /** Who merged the newest step by hand; undefined where Tidegate did. */
  readonly merger: string | undefined;
  /** What stable ran before, newest first; read only where a person asks to go back. */
  readonly past: readonly PastVersion[];
  /** Open pull requests of ours for this member that no longer have a purpose. */
  readonly leftovers: readonly Leftover[];
  /** Comments on the step's and the bump's pull request that were not answered yet, oldest first. */
  readonly heard: readonly HeardComment[];
  /** Windows since the first landing whose evidence is not in the state yet, and some before; oldest first. */
  readonly timeline: Reading<readonly Window[]>;
  /** The newest commit that changed the member's state; absent where it rests. */
  readonly changedIn?: Sha | undefined;
  /** What the tool that delivers has reported of the last change; absent where it was not asked for: something else shows it, or its word does not count. */
  readonly reported?: Reported | undefined;
  /** What the templates of the policy have come to under the weight that is live; absent where none is on its way up. */
  readonly analyses?: readonly AnalysisRun[] | undefined;
  /** What the service as a whole is against its own past since the running step was seen live; absent where no step is judged by it. */
  readonly seasons?: readonly JudgedSeason[] | undefined;
};

/** A member that cannot be read; nothing of it is moved. */
export type Unreadable = {
  readonly service: string;
  readonly problems: readonly string[];
  readonly pulls: readonly Leftover[];
};

/** `before` is the tracked branch without it, and `was` what the canary had there, where that can be read; `at` is when it landed, milliseconds. */
export type Bump = {
  readonly commit: Sha;
  readonly before: Sha;
  readonly was: Version | undefined;
  readonly source: number | undefined;
  /** Labels of that pull request. */
  readonly labels: readonly string[];
  readonly at: number;
};

/** A closing at `at`, milliseconds, and whose it was; where GitHub does not name anybody yet, it is asked again until `until`, milliseconds. */
export type Closing =
  | { readonly kind: "named"; readonly number: number; readonly by: string; readonly at: number }
  | { readonly kind: "unnamed"; readonly number: number; readonly until: number };

export type Refusal = { readonly reason: string; readonly until: number };

/** A commit by hand, its author's name, and its date, milliseconds. */
export type Edit = { readonly commit: Sha; readonly by: string; readonly at: number };

/** A pod template that stable had, and a commit at which its file holds it. */
export type PastVersion = Version & { readonly commit: Sha };

export type KeptBranch = {
  readonly branch: string;
  readonly headSha: Sha;
  readonly proposed: ServiceState | undefined;
  /** The pull request that is open on it, where the step is to have another one; absent where none is. */
  readonly pull?: number | undefined;
};

export type StepPull = {
  readonly number: number;
  readonly branch: string;
  readonly headSha: Sha;
  readonly draft: boolean;
  /** The newest commit on the branch that is neither ours nor a merge, and its author's name. What the head proposes is then read from our last one. */
  readonly foreign: Edit | undefined;
  /** The targets that the head moves. */
  readonly moves: readonly Name[];
  /** The state that the head proposes; undefined where it cannot be read. Overrides are only those that a comment of someone who may give them backs. */
  readonly proposed: ServiceState | undefined;
  /** The head changes exactly what the step changes, byte for byte, from what the tracked branch holds. */
  readonly current: boolean;
};

export type LetGo = { readonly service: string; readonly pull: Leftover };

export type Unconcerned = {
  readonly headSha: Sha;
  readonly checks: readonly ("tidegate/plan" | "tidegate/gate" | "tidegate/policy")[];
};

export type Branch = { readonly branch: string; readonly headSha: Sha };

export type Leftover = { readonly number: number; readonly branch: string; readonly headSha: Sha };

export type HeardComment = {
  readonly id: number;
  readonly pull: number;
  /** When it was written, milliseconds. */
  readonly at: number;
  /** The head that a check's button was pressed on; undefined for words. */
  readonly on: Sha | undefined;
  readonly place: Place;
  readonly human: Human;
  readonly commands: readonly (Command | CommandError)[];
  /** What the back-test that it asks for has come to, as Markdown; absent while that is not known. */
  readonly found?: string | undefined;
};

/** What a pull request is to a member: its open step, a step of its release that has landed or was closed, the bump of that release, what earlier releases were made of, or one of others that would change it. */
export type Place =
  | { readonly kind: "step" }
  | { readonly kind: "landed" }
  | { readonly kind: "bump" }
  | { readonly kind: "past" }
  | { readonly kind: "proposal"; readonly to: Version };

/** An open pull request of others that touches members. */
export type BumpPull = {
  readonly number: number;
  readonly headSha: Sha;
  readonly labels: readonly string[];
  readonly fromFork: boolean;
  readonly reaches: readonly Reach[];
  /** Paths in it that only Tidegate writes. */
  readonly trespasses: readonly string[];
  readonly beyond: Beyond;
  /** What it makes of the configuration; absent where it leaves that as it is. */
  readonly reconfigured?: Reconfigured | undefined;
};

/** The configuration as a pull request would have it: why it cannot be used, or whose releases would go otherwise. */
export type Reconfigured = {
  readonly problems: readonly string[];
  /** Where it asks for less than is enforced, which goes instead; absent where nothing is. */
  readonly loosened?: readonly string[];
  readonly replanned: readonly Replanned[];
  /** What it asks of pull requests, a clause each; absent where it asks what the tracked branch's asks. */
  readonly asked?: { readonly now: readonly string[]; readonly next: readonly string[] };
  /** What becomes of repositories that extend this one; absent where it leaves what they extend as it is. */
  readonly elsewhere?: readonly Elsewhere[];
};

/** What a change of what a repository extends makes of it: whose releases go otherwise, `cart in prod`, why some could not go at all, and what of its own words would not go. */
export type Elsewhere = {
  readonly repo: string;
  readonly otherwise: readonly string[];
  /** What would be asked of pull requests there and is not now, a clause each; absent where nothing is. */
  readonly asked?: readonly string[];
  readonly problems: readonly string[];
  readonly loosened: readonly string[];
};

/** A member, and what the configuration of a pull request says for it. `plan`: of the release under way, or the next. */
export type Replanned = { readonly member: Reached; readonly policy: Policy; readonly plan: Plan };

/** What a pull request does beyond bumping the images of members. */
export type Beyond = {
  /** Other changes of the files of the services that it reaches. */
  readonly besides: readonly Beside[];
  /** Services in targets, `web in prod`, that have no state and whose images it bumps. */
  readonly unsteered: readonly string[];
  /** Why clusters that it reaches would not follow it by themselves. */
  readonly unfollowed: readonly Beside[];
  /** What its releases rely on and may not be so. */
  readonly doubtful: readonly Beside[];
  /** Why not everything in it was compared; undefined where everything was. */
  readonly uncompared: string | undefined;
};

/** Something that a line of a file says, which is no image; `line` is from 1. */
export type Beside = { readonly path: string; readonly line: number; readonly what: string };

/** What a pull request would do to a member: give its canary another pod template, or make it unreadable; `refused`: its service is unreadable already. */
export type Reach =
  | {
      readonly kind: "bump";
      readonly member: Reached;
      readonly to: Manifest;
      /** Older open pull requests that bump the same member. */
      readonly ahead: readonly number[];
      /** Why the release that it starts would not begin as things stand after it, with file and line. */
      readonly unfit?: string;
    }
  | { readonly kind: "unreadable"; readonly member: Reached; readonly problem: string }
  | { readonly kind: "refused"; readonly service: string; readonly problems: readonly string[] };

/** A member as far as a plan needs it; nothing is measured for a pull request that has not landed. */
export type Reached = Omit<Member, "timeline">;
