import type { Action } from "./action.ts";
import { backtestedIn, isAnswerable, isDeclined, optsDue, pastOf, type OptAsked, type OptPull } from "./opting.ts";
import { backtest } from "./replies.ts";
import type { Snapshot } from "./snapshot.ts";

/** What is to be done of opting in and out, and what is told of it; answers to comments are by themselves. */
export function optActions({ opting }: Pick<Snapshot, "opting">, now: number): readonly Action[] {
  if (opting === undefined) return [];
  const { asked, pulls, offers } = opting;
  const room = MOST_PLAYED - pulls.filter(({ awaits }) => awaits !== undefined).length;
  return [
    ...optsDue(opting).map((due, index): Action => {
      return { kind: "opt", due, isPlayed: index < room && backtestedIn(due.change).length > 0 };
    }),
    // What is pushed anew has another head, and the next look tells of that.
    ...pulls
      .filter(({ standing }) => standing.kind !== "outdated")
      .map((pull): Action => ({ kind: "reportOpt", pull: settledAt(pull, now) })),
    ...pulls.flatMap(({ settling }): readonly Action[] =>
      settling !== undefined && settling.until > now ? [{ kind: "wakeAt", at: settling.until }] : [],
    ),
    ...offers.map((offer): Action => ({ kind: "reportOffer", offer })),
    ...pulls.flatMap(pastActions),
    ...asked.flatMap(playing),
  ];
}

/** The same with what time has told of a version that was on its way. */
function settledAt({ settling, ...pull }: OptPull, now: number): OptPull {
  return settling === undefined ? pull : { ...pull, settling: { ...settling, isOver: settling.until <= now } };
}

/** So many pull requests of a repository wait at once for what the past says without anybody having asked: what opts in more at a time says how to ask. */
const MOST_PLAYED = 4;

function pastActions({ number, standing, awaits }: OptPull): readonly Action[] {
  if (awaits === undefined || standing.kind !== "current") return [];
  const { body, found } = awaits;
  if (found !== undefined) return [{ kind: "tellPast", pull: number, body, found }];
  return [backtest(pastOf(number, standing.change), backtestedIn(standing.change))];
}

function playing({ comment, said }: OptAsked): readonly Action[] {
  const wanted = said.flatMap((one) => (one.kind === "played" && one.found === undefined ? one.of : []));
  return wanted.length === 0 ? [] : [backtest({ kind: "comment", id: comment.id }, [...new Set(wanted)])];
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
    return isAnswerable(one) ? [withOpted(action, one)] : [];
  });
  // What members hear as well waits for their answer.
  const alone = opting.asked.filter((one) => !heard.has(one.comment.id) && isAnswerable(one));
  const declined = opting.asked.filter(isDeclined).map((one): Action => ({ kind: "tellDeclined", asked: one }));
  return [...whole, ...alone.map(replyTo), ...declined];
}

type Reply = Extract<Action, { readonly kind: "reply" }>;

function replyTo(asked: OptAsked): Reply {
  return withOpted({ kind: "reply", comment: asked.comment, answers: [] }, asked);
}

function withOpted(reply: Reply, { said }: OptAsked): Reply {
  const found = said.flatMap((one) => (one.kind === "played" ? (one.found ?? []) : []))[0];
  const comment = found === undefined ? reply.comment : { ...reply.comment, found };
  return { ...reply, comment, optings: said };
}
