import type { Action, Answer, Outcome } from "./action.ts";
import { isCommand, isTelling } from "./commands.ts";
import type { Heard } from "./heard.ts";
import type { Backtested, BacktestOf } from "./backtest.ts";
import { isOptCommand } from "./opting.ts";
import { saidOf, takesWords } from "./proposal.ts";
import type { HeardComment, Member } from "./snapshot.ts";
import type { Stage } from "./stage.ts";

/** What one member made of the comments on its pull requests. */
export type Hearing = { readonly member: Member; readonly stage: Stage; readonly heard: Heard };

/** One reply a comment, for all members that it speaks to. A reply that promises an effect waits until every one of them can commit it, and one to a back-test until that is over. */
export function repliesOf(hearings: readonly Hearing[]): readonly Action[] {
  const parts = hearings.flatMap((hearing) =>
    hearing.heard.replies.map(({ comment, outcomes }) => ({ comment, outcomes, hearing })),
  );
  return [...Map.groupBy(parts, ({ comment }) => comment.id).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const asking = group.filter(({ outcomes }) => outcomes.some(isBacktest)).map(({ hearing }) => hearing.member);
    if (asking.length > 0 && first.comment.found === undefined)
      return [backtest({ kind: "comment", id: first.comment.id }, asking)];
    if (group.some(({ outcomes, hearing }) => isPending(first.comment, outcomes, hearing))) return [];
    const addressed = group.filter(({ outcomes }) => outcomes.length > 0);
    const answers =
      addressed.length > 0 ? addressed : [{ ...first, outcomes: first.comment.commands.flatMap(elsewhere) }];
    return [reply(first.comment, answers.map(answerOf))];
  });
}

/** A look does not wait for the past: what it says is told when it is known. */
export function backtest(of: BacktestOf, members: readonly Backtested[]): Action {
  return { kind: "backtest", of, members: members.slice(0, MOST_MEMBERS), others: members.slice(MOST_MEMBERS) };
}

/** Of so many members the past is read for one answer: it costs their provider hundreds of queries. */
const MOST_MEMBERS = 4;

/** Whether a command has come to a back-test. */
export function isBacktest(outcome: Outcome): boolean {
  return outcome.kind === "told" && outcome.verb === "backtest";
}

/** Nobody who is spoken to here is the one that is meant. */
function elsewhere(command: HeardComment["commands"][number]): readonly Outcome[] {
  if (!isCommand(command) || isOptCommand(command)) return [];
  const why = `this pull request is not about ${command.target ?? "it"}`;
  if (isTelling(command.verb) && command.verb !== "backtest") return [];
  return [{ kind: "nothingTo", verb: command.verb, why }];
}

function reply(comment: HeardComment, answers: readonly Answer[]): Action {
  return { kind: "reply", comment, answers };
}

function answerOf({
  outcomes,
  hearing: { member, stage },
}: {
  readonly outcomes: readonly Outcome[];
  readonly hearing: Hearing;
}): Answer {
  return { member, stage, outcomes };
}

/** What the reply would promise is not in git and is not what this look commits; the comment is heard again. */
function isPending({ id }: HeardComment, outcomes: readonly Outcome[], { member, stage, heard }: Hearing): boolean {
  if (outcomes.every(({ kind }) => kind !== "done")) return false;
  if (id <= Math.max(member.state.heard, saidOf(member).heard) || heard.abort !== undefined) return false;
  // A gate's failure comes before all that people say, and a weight raised by hand before all but a landing.
  if (stage.kind === "failed") return true;
  if (heard.landing !== undefined) return false;
  if (stage.kind === "raised") return true;
  return heard.rebuild === undefined && !isWritten(member);
}

/** Whether what people say is written to the step's branch in this look; nothing is before it is known who closed its pull request. */
function isWritten(member: Member): boolean {
  return member.closed === undefined ? takesWords(member) : member.closed.kind === "named";
}
