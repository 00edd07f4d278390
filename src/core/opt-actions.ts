import type { Action } from "./action.ts";
import { isAnswerable, optsDue, type OptAsked } from "./opting.ts";
import type { Snapshot } from "./snapshot.ts";

/** What is to be done of opting in and out, and what is told of it; answers to comments are by themselves. */
export function optActions({ opting }: Pick<Snapshot, "opting">): readonly Action[] {
  if (opting === undefined) return [];
  const { pulls, offers } = opting;
  return [
    ...optsDue(opting).map((conversion): Action => ({ kind: "opt", conversion })),
    // What is pushed anew has another head, and the next look tells of that.
    ...pulls
      .filter(({ standing }) => standing.kind !== "outdated")
      .map((pull): Action => ({ kind: "reportOpt", pull })),
    ...offers.map((offer): Action => ({ kind: "reportOffer", offer })),
  ];
}

/** Answers to comments, with what they say of opting in and out: one a comment, given when all that it promises is there. */
export function withOptings(
  replies: readonly Action[],
  { opting, members }: Pick<Snapshot, "opting" | "members">,
): readonly Action[] {
  if (opting === undefined) return replies;
  const asked = new Map(opting.asked.map((one) => [one.comment.id, one]));
  const heard = new Set(members.flatMap((member) => member.heard.map(({ id }) => id)));
  const whole = replies.flatMap((action) => {
    const one = action.kind === "reply" ? asked.get(action.comment.id) : undefined;
    if (action.kind !== "reply" || one === undefined) return [action];
    return isAnswerable(one) ? [{ ...action, optings: one.said }] : [];
  });
  // What members hear as well waits for their answer.
  const alone = opting.asked.filter((one) => !heard.has(one.comment.id) && isAnswerable(one));
  return [...whole, ...alone.map(replyTo)];
}

function replyTo({ comment, said }: OptAsked): Action {
  return { kind: "reply", comment, answers: [], optings: said };
}
