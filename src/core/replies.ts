import type { Action, Answer, Outcome } from "./action.ts";
import type { Heard } from "./heard.ts";
import { saidOf } from "./proposal.ts";
import type { HeardComment, Member } from "./snapshot.ts";
import type { Stage } from "./stage.ts";

/** What one member made of the comments on its pull requests. */
export type Hearing = { readonly member: Member; readonly stage: Stage; readonly heard: Heard };

/** One reply a comment, for all members that it speaks to. A reply that promises an effect waits until every one of them can commit it. */
export function repliesOf(hearings: readonly Hearing[]): readonly Action[] {
  const parts = hearings.flatMap((hearing) =>
    hearing.heard.replies.map(({ comment, outcomes }) => ({ comment, outcomes, hearing })),
  );
  return [...Map.groupBy(parts, ({ comment }) => comment.id).values()].flatMap((group) => {
    const [first] = group;
    if (first === undefined || group.some(({ outcomes, hearing }) => isPending(outcomes, hearing))) return [];
    return [reply(first.comment, group.map(answerOf))];
  });
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

/** Its effect belongs on the step's branch, and that cannot be written yet. */
function isPending(outcomes: readonly Outcome[], { member, heard }: Hearing): boolean {
  if (outcomes.every(({ kind }) => kind !== "done")) return false;
  if (heard.abort !== undefined || heard.landing !== undefined || heard.rebuild !== undefined) return false;
  const isThere = member.pull?.current === true || member.kept !== undefined;
  return !isThere && heard.said.heard > Math.max(member.state.heard, saidOf(member).heard);
}
