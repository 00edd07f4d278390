import type { Backtested, BacktestOf } from "./backtest.ts";
import type { Change } from "./change.ts";
import type { CommandError, Telling } from "./commands.ts";
import type { Effective } from "./heard.ts";
import type { Offer, OptAsked, OptDue, OptPull, OptSaid, Heeded } from "./opting.ts";
import type { Outlook } from "./outlook.ts";
import { isWaiting } from "./proposal.ts";
import { isWaveName, type Name, type Sha } from "./names.ts";
import type {
  Branch,
  BumpPull,
  HeardComment,
  Leftover,
  Member,
  PastVersion,
  Unconcerned,
  Unreadable,
} from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import type { Verdict } from "./verdict.ts";
import type { Step } from "./plan.ts";
import type { PolicedPull } from "./policy.ts";
import type { Aborting, Blocked, Override, ReleaseState, Skip } from "./state.ts";
import type { Weight } from "./weight.ts";

/** What a command came to, for the reply. */
export type Outcome =
  /** `note` is a clause on what exactly was done. */
  | { readonly kind: "done"; readonly verb: Effective; readonly note: string | undefined }
  | { readonly kind: "told"; readonly verb: Telling }
  | { readonly kind: "nothingTo"; readonly verb: Effective | "backtest"; readonly why: string }
  | { readonly kind: "denied"; readonly verb: string; readonly why: string }
  | { readonly kind: "mistaken"; readonly error: CommandError };

/** A comment's answer for one of the members that it speaks of. */
export type Answer = {
  readonly member: Member;
  readonly stage: Stage;
  readonly outcomes: readonly Outcome[];
};

/** What a person is told on a pull request without having asked. */
export type Note =
  /** Their closing of the step's pull request holds the release. */
  | { readonly kind: "closed"; readonly by: string }
  /** The service has no state file any more. */
  | { readonly kind: "letGo"; readonly service: string };

/** A commit that is merged at once: it lowers a weight, gives something back, or follows what people did; it never raises a weight. */
export type Land = {
  readonly kind: "land";
  readonly member: Member;
  /** Others of its service that go the same way in the same commit. */
  readonly fellows?: readonly Falling[];
  /** The same by themselves, this member first: where one of them cannot be written, the others go without it. */
  readonly alone?: readonly [Land, ...Land[]];
  readonly fall: Fall;
  readonly change: Change;
  readonly branch: string;
};

/**
 * What is to be done, in order. Each carries everything it needs; after any prefix a crash and a fresh look lead to the same place.
 */
export type Action =
  | Land
  | {
      readonly kind: "propose";
      readonly member: Member;
      /** Others of its wave that the same commit moves. */
      readonly fellows?: readonly Member[];
      readonly step: Step;
      readonly change: Change;
      readonly branch: string;
      /** `kept`: a person closed its pull request; what people say goes to the branch, and none is opened. */
      readonly pull: "open" | "kept";
    }
  /** The pull request that sends a weight without a release to 0. */
  | { readonly kind: "offer"; readonly member: Member; readonly change: Change; readonly branch: string }
  | {
      readonly kind: "reportGate";
      readonly member: Member;
      readonly stage: Stage;
      /** Absent where nothing tells how it goes on. */
      readonly outlook?: Outlook | undefined;
      /** Others that speak on the same pull request. */
      readonly fellows?: readonly Standing[];
      readonly number: number;
      readonly headSha: Sha;
    }
  | { readonly kind: "reportRefusal"; readonly refusal: Unreadable; readonly headSha: Sha }
  | { readonly kind: "reportPlan"; readonly bump: BumpPull }
  | { readonly kind: "reportPolicy"; readonly policed: PolicedPull }
  /** `stepOf`: whose step it is on, which cannot merge without it. */
  | { readonly kind: "reportUnconcerned"; readonly unconcerned: Unconcerned; readonly stepOf: Member | undefined }
  | {
      readonly kind: "merge";
      readonly member: Member;
      /** Others that the same commit moves. */
      readonly fellows?: readonly Moving[];
      readonly step: Step;
      readonly number: number;
      readonly headSha: Sha;
      readonly verdict: Verdict | undefined;
      readonly override: Override | undefined;
      readonly skips: readonly Skip[];
    }
  | { readonly kind: "close"; readonly pull: Leftover }
  | { readonly kind: "note"; readonly pull: number; readonly note: Note }
  | { readonly kind: "prune"; readonly litter: Branch }
  /** `optings`: what its lines about opting in and out have come to; absent where it has none. */
  | {
      readonly kind: "reply";
      readonly comment: Heeded & Pick<HeardComment, "found">;
      readonly answers: readonly Answer[];
      readonly optings?: readonly OptSaid[];
    }
  /** What a comment about opting in or out has come to so far, where rules keep it from being done: it stays open, and what is said is its answer's place. */
  | { readonly kind: "tellDeclined"; readonly asked: OptAsked }
  /** The pull request that opts a service in or out, opened or brought up to date; people merge it. `isPlayed`: releases are played over the past without anybody asking for it. */
  | { readonly kind: "opt"; readonly due: OptDue; readonly isPlayed: boolean }
  | { readonly kind: "reportOpt"; readonly pull: OptPull }
  | { readonly kind: "reportOffer"; readonly offer: Offer }
  /** What the past of some says of their gates is wanted. That is found out beside all looks, and told by a later one; `others` are asked about as well, and too many for one answer. */
  | {
      readonly kind: "backtest";
      readonly of: BacktestOf;
      readonly members: readonly Backtested[];
      readonly others: readonly Backtested[];
    }
  /** It is written where the words of an open pull request, `body`, wait for it. */
  | { readonly kind: "tellPast"; readonly pull: number; readonly body: string; readonly found: string }
  /** All that a bump has come to in a service, in the order of waves. */
  | { readonly kind: "summarise"; readonly service: Name; readonly pull: number; readonly parts: readonly Part[] }
  | { readonly kind: "wakeAt"; readonly at: number };

/** What a bump has come to in one target; `release`: as it was before the commit that ended it, undefined where it is not over. */
export type Part = { readonly member: Member; readonly stage: Stage; readonly release: ReleaseState | undefined };

/** Where a member stands. */
export type Standing = { readonly member: Member; readonly stage: Stage; readonly outlook?: Outlook | undefined };

/** A member that a merged step moves, and on whose word. */
export type Moving = {
  readonly member: Member;
  readonly step: Step;
  readonly verdict: Verdict | undefined;
  readonly override: Override | undefined;
  readonly skips: readonly Skip[];
};

export type Falling = { readonly member: Member; readonly fall: Fall };

export type Fall =
  | { readonly kind: "abort"; readonly aborting: Aborting; readonly verdict: Verdict | undefined }
  | { readonly kind: "lower" | "takeBack"; readonly aborting: Aborting }
  /** The state follows what git's manifests say already. */
  | { readonly kind: "adopt"; readonly by: string; readonly what: string }
  /** A weight without a release goes to 0. */
  | { readonly kind: "toZero"; readonly by: string; readonly from: Weight }
  /** A blocked version may start again. */
  | { readonly kind: "retry"; readonly by: string; readonly block: Blocked }
  /** A finished release is undone: stable and canary get an earlier version. */
  | { readonly kind: "rollback"; readonly by: string; readonly to: PastVersion };

type Named = Pick<Member, "state" | "target" | "at" | "bump">;

/** The branch of a commit of one member's release: its name follows from facts, so that it is found again after a crash. */
export function branchOf(member: Named, leaf: string): string {
  return `${branchesOf(member, member.target)}${releaseOf(member)}/${leaf}`;
}

/** The branch of a step, which the members of a wave share that stand at it. */
export function stepBranchOf(member: Named & Pick<Member, "fellows" | "policy">, leaf: string): string {
  const { fellows, policy, target } = member;
  const place = fellows.length === 0 ? target : `wave-${policy.wave.index + 1}`;
  return `${branchesOf(member, place)}${releaseOf(member)}/${leaf}`;
}

/** Whether a branch is of the step that is to have another one now: its member was in another wave, or in none, when it was made. */
export function isFormer(member: Pick<Member, "state" | "target">, branch: string, wanted: string): boolean {
  return branch !== wanted && isNamedFor(member, branch) && tailOf(branch) === tailOf(wanted);
}

/** What a step's branch is called whatever its place: its release, and the step. */
function tailOf(branch: string): string {
  return branch.split("/").slice(3).join("/");
}

/** Whether a branch has a name that this member's branches, or those of a wave of its service, may have. */
export function isNamedFor(member: Pick<Member, "state" | "target">, branch: string): boolean {
  return prefixOf(member, branch) !== undefined;
}

/** Whether a branch with such a name is of a release that is over, or beside any release. Other names are other people's, whatever they begin with. */
export function isOver(member: Named & Pick<Member, "manifest">, branch: string): boolean {
  const prefix = prefixOf(member, branch);
  const [release = "", leaf = "", ...more] = prefix === undefined ? [] : branch.slice(prefix.length).split("/");
  if (more.length > 0 || !/^(?:[0-9a-f]{10}|none)$/.test(release)) return false;
  if (leaf === "to-zero" && !isOrphaned(member)) return true;
  return ASKED_FOR.test(leaf) || (LEAF.test(leaf) && (release !== releaseOf(member) || hasNone(member, leaf)));
}

/** There is no release, and none will be: what waited here may have been blocked by what became of it elsewhere. */
function hasNone(member: Named & Pick<Member, "manifest">, leaf: string): boolean {
  return member.at.release === undefined && !isWaiting(member) && leaf !== "to-zero";
}

function prefixOf(member: Pick<Member, "state" | "target">, branch: string): string | undefined {
  const place = branch.split("/")[2] ?? "";
  const prefix = branchesOf(member, place);
  return (place === member.target || isWaveName(place)) && branch.startsWith(prefix) ? prefix : undefined;
}

/** The route sends traffic to a canary of which there is no release. */
function isOrphaned({ at, manifest }: Pick<Member, "at" | "manifest">): boolean {
  return at.release === undefined && manifest.weight !== at.weight;
}

const LEAF = /^(?:\d+-(?:\d+|[a-z]+)|abort|lower|take-back|to-zero)$/;
/** Merged in the look that makes them, which opens them anew where that was not to be: without a pull request they are left over. */
const ASKED_FOR = /^(?:adopt|retry|rollback)$/;

function branchesOf({ state }: Pick<Member, "state">, place: string): string {
  return `tidegate/${state.service}/${place}/`;
}

function releaseOf({ at, bump }: Pick<Member, "at" | "bump">): string {
  return (at.release?.commit ?? bump?.commit)?.slice(0, 10) ?? "none";
}

export function leafOf(step: Step): string {
  return `${step.index}-${step.kind === "shift" ? step.weight : step.kind.toLowerCase()}`;
}
