import type { Action } from "../core/action.ts";
import type { Sha } from "../core/names.ts";
import { unreachable } from "../core/unreachable.ts";
import { gateCheck, planCheck, refusalCheck } from "../render/check.ts";
import { reactionTo, replyComment, summaryComment } from "../render/comment.ts";
import type { ForgeWriter } from "../ports/forge.ts";
import type { GitReader, GitWriter } from "../ports/git.ts";
import type { Lease } from "./lease.ts";
import type { Readings } from "./readings.ts";
import { close, land, merge, propose } from "./moves.ts";

/** What a look may do to the world; a dry run is another value of this type. */
export type Hands = {
  readonly git: GitReader & GitWriter;
  readonly forge: ForgeWriter;
  readonly readings: Pick<Readings, "changed">;
  /** Every ref of the look that decided. */
  readonly refs: ReadonlyMap<string, Sha>;
  readonly branch: string;
  readonly wakeAt: (at: number) => Promise<void>;
  /** Something was changed: the next look is due now. */
  readonly lookAgain: () => Promise<void>;
};

/** Carries one action out. No conditions of the domain: those are in `decide`. Without the lease it does not compile. */
export async function act(_lease: Lease, action: Action, hands: Hands): Promise<void> {
  switch (action.kind) {
    case "land":
      return land(action, hands);
    case "propose":
      return propose(action, hands);
    case "merge":
      return merge(action, hands);
    case "reportGate":
      return hands.forge.report(gateCheck(action), "step");
    case "reportRefusal":
      return hands.forge.report(refusalCheck(action), "talk");
    case "reportPlan":
      return hands.forge.report(planCheck(action.bump), "talk");
    case "close":
      return close(action, hands);
    case "reply":
      await hands.forge.say(action.comment.pull, "replies", replyComment(action));
      return hands.forge.react(action.comment.id, reactionTo(action.outcomes));
    case "summarise":
      return hands.forge.say(action.pull, "summary", summaryComment(action));
    case "wakeAt":
      return hands.wakeAt(action.at);
    default:
      return unreachable(action);
  }
}
