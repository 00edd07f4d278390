import type { Action } from "../core/action.ts";
import { unreachable } from "../core/unreachable.ts";
import type { NewCheck } from "../ports/forge.ts";
import { gateCheck, planCheck, refusalCheck } from "../render/check.ts";
import { policyCheck } from "../render/policy.ts";
import { withPast } from "../render/opt-past.ts";
import { noteComment, outcomesOf, reactionTo, replyComment, replyTopic } from "../render/comment.ts";
import { offerCheck, optCheck } from "../render/opt-check.ts";
import { summaryComment } from "../render/summary.ts";
import type { Hands } from "./hands.ts";
import type { Lease } from "./lease.ts";
import { pictured } from "./pictured.ts";
import type { Carried } from "./turns.ts";
import { close, land, merge, offer, opt, propose, reportUnconcerned, tellDeclined } from "./moves.ts";

/** Carries one action out. No conditions of the domain: those are in `decide`. Without the lease it does not compile. */
export async function act(_lease: Lease, action: Action, hands: Hands): Promise<Carried> {
  if (action.kind === "land") return land(action, hands);
  await carryOut(action, hands);
  return "done";
}

async function carryOut(action: Exclude<Action, { readonly kind: "land" }>, hands: Hands): Promise<void> {
  switch (action.kind) {
    case "propose":
      return propose(action, hands);
    case "merge":
      return merge(action, hands);
    case "reportGate":
      return reportGate(pictured(gateCheck(action), hands.chartAt), hands);
    case "reportRefusal":
      return hands.forge.report(refusalCheck(action), "talk");
    case "offer":
      return offer(action, hands);
    case "reportUnconcerned":
      return reportUnconcerned(action, hands);
    case "note":
      return hands.forge.say(action.pull, "note", noteComment(action.note));
    case "reportPlan":
      return hands.forge.report(planCheck(action.bump), "talk");
    case "reportPolicy":
      return hands.forge.report(policyCheck(action.policed), "talk");
    case "close":
      return close(action, hands);
    case "prune":
      return hands.git.remove(action.litter.branch, action.litter.headSha);
    case "backtest":
      return hands.backtest(action);
    case "tellPast":
      return hands.forge.rewordPull(action.pull, { body: withPast(action.body, action.found) });
    case "reply":
      await hands.forge.say(action.comment.pull, replyTopic(action), replyComment(action));
      return hands.forge.react(action.comment.id, reactionTo(outcomesOf(action)));
    case "tellDeclined":
      return tellDeclined(action, hands);
    case "opt":
      return opt(action, hands);
    case "reportOpt":
      return hands.forge.report(optCheck(action.pull), "talk");
    case "reportOffer":
      return hands.forge.report(offerCheck(action.offer), "talk");
    case "summarise":
      return hands.forge.say(action.pull, `summary/${action.service}`, summaryComment(action));
    case "wakeAt":
      return hands.wakeAt(action.at);
    default:
      return unreachable(action);
  }
}

/** Nothing waits for how far a gate has come; for what it comes to, a merge does. */
async function reportGate(check: NewCheck, { forge }: Hands): Promise<void> {
  return forge.report(check, check.conclusion === undefined ? "progress" : "step");
}
