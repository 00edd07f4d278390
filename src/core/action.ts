import type { Change } from "./change.ts";
import type { CommandError } from "./commands.ts";
import type { Sha } from "./names.ts";
import type { Branch, BumpPull, HeardComment, Leftover, Member, Unreadable } from "./snapshot.ts";
import type { Stage } from "./stage.ts";
import type { Verdict } from "./verdict.ts";
import type { Step } from "./plan.ts";
import type { Aborting, Override, ReleaseState } from "./state.ts";

/** What a command came to, for the reply. */
export type Outcome =
  | { readonly kind: "done"; readonly verb: "abort" | "hold" | "resume" | "promote" }
  | { readonly kind: "told"; readonly verb: "status" | "help" }
  | { readonly kind: "nothingTo"; readonly verb: "abort" | "hold" | "resume" | "promote"; readonly why: string }
  | { readonly kind: "denied"; readonly verb: string; readonly why: string }
  | { readonly kind: "mistaken"; readonly error: CommandError };

/**
 * What is to be done, in order. Each carries everything it needs; after any prefix a crash and a fresh look lead to the same place.
 * `land` is a commit that is merged at once: it only ever lowers a weight or gives something back.
 */
export type Action =
  | {
      readonly kind: "land";
      readonly member: Member;
      readonly fall: Fall;
      readonly change: Change;
      readonly branch: string;
    }
  | {
      readonly kind: "propose";
      readonly member: Member;
      readonly step: Step;
      readonly change: Change;
      readonly branch: string;
    }
  | {
      readonly kind: "reportGate";
      readonly member: Member;
      readonly stage: Stage;
      readonly number: number;
      readonly headSha: Sha;
    }
  | { readonly kind: "reportRefusal"; readonly refusal: Unreadable; readonly headSha: Sha }
  | { readonly kind: "reportPlan"; readonly bump: BumpPull }
  | {
      readonly kind: "merge";
      readonly member: Member;
      readonly step: Step;
      readonly number: number;
      readonly headSha: Sha;
      readonly verdict: Verdict | undefined;
      readonly override: Override | undefined;
    }
  | { readonly kind: "close"; readonly pull: Leftover }
  | { readonly kind: "prune"; readonly litter: Branch }
  | {
      readonly kind: "reply";
      readonly comment: HeardComment;
      readonly member: Member;
      readonly stage: Stage;
      readonly outcomes: readonly Outcome[];
    }
  /** `release` is as it was before the commit that ended it. */
  | { readonly kind: "summarise"; readonly member: Member; readonly pull: number; readonly release: ReleaseState }
  | { readonly kind: "wakeAt"; readonly at: number };

export type Fall =
  | { readonly kind: "abort"; readonly aborting: Aborting; readonly verdict: Verdict | undefined }
  | { readonly kind: "lower" | "takeBack"; readonly aborting: Aborting };

/** The branch of one commit of one release: its name follows from facts, so that it is found again after a crash. */
export function branchOf(member: Pick<Member, "state" | "target" | "at" | "bump">, leaf: string): string {
  return `${branchesOf(member)}${releaseOf(member)}/${leaf}`;
}

/** Whether a branch is one that this member made for a release that is over. Other names are other people's, whatever they begin with. */
export function isOver(member: Pick<Member, "state" | "target" | "at" | "bump">, branch: string): boolean {
  const prefix = branchesOf(member);
  const [release = "", leaf = "", ...more] = branch.startsWith(prefix) ? branch.slice(prefix.length).split("/") : [];
  return more.length === 0 && /^[0-9a-f]{10}$/.test(release) && LEAF.test(leaf) && release !== releaseOf(member);
}

const LEAF = /^(?:\d+-(?:\d+|[a-z]+)|abort|lower|take-back)$/;

function branchesOf({ state, target }: Pick<Member, "state" | "target">): string {
  return `tidegate/${state.service}/${target}/`;
}

function releaseOf({ at, bump }: Pick<Member, "at" | "bump">): string {
  return (at.release?.commit ?? bump?.commit)?.slice(0, 10) ?? "none";
}

export function leafOf(step: Step): string {
  return `${step.index}-${step.kind === "shift" ? step.weight : step.kind.toLowerCase()}`;
}
