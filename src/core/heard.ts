import type { Outcome } from "./action.ts";
import { isCommand, type Command, type CommandError } from "./commands.ts";
import { authorize } from "./permissions.ts";
import { nextStep, saidOf, type Said } from "./proposal.ts";
import type { HeardComment, Member } from "./snapshot.ts";

/** What the comments on a member's pull requests ask for, once each asker's right to it is known. */
export type Heard = {
  readonly abort: { readonly by: string; readonly reason: string | undefined; readonly comment: number } | undefined;
  /** What the step's branch is to say now. */
  readonly said: Said;
  readonly replies: readonly { readonly comment: HeardComment; readonly outcomes: readonly Outcome[] }[];
};

/** Folds unanswered comments, oldest first, into what people have said. A comment whose effect is in git already is only answered. */
export function hear(member: Member): Heard {
  const start: Heard = { abort: undefined, said: saidOf(member), replies: [] };
  return member.heard.reduce((heard, comment) => hearOne(member, heard, comment), start);
}

function hearOne(member: Member, heard: Heard, comment: HeardComment): Heard {
  const before: Heard = { ...heard, replies: [] };
  const { outcomes, after } = comment.commands.reduce(
    ({ outcomes: past, after: now }, command) => {
      const { outcome, next } = obey(member, now, { comment, command });
      return { outcomes: [...past, outcome], after: next };
    },
    { outcomes: [] as readonly Outcome[], after: before },
  );
  return { ...after, replies: [...heard.replies, { comment, outcomes }] };
}

type Asked = { readonly comment: HeardComment; readonly command: Command | CommandError };
type Obeyed = { readonly outcome: Outcome; readonly next: Heard };

function obey(member: Member, heard: Heard, { comment, command }: Asked): Obeyed {
  if (!isCommand(command)) return { outcome: { kind: "mistaken", error: command }, next: heard };
  const answer = authorize(comment.human, command.verb, member.state.service);
  if (answer.kind === "denied")
    return { outcome: { kind: "denied", verb: command.verb, why: answer.why }, next: heard };
  if (command.verb === "status" || command.verb === "help")
    return { outcome: { kind: "told", verb: command.verb }, next: heard };
  // The effect of this comment is a commit already; a second look only answers it.
  if (comment.id <= member.state.heard || comment.id <= saidOf(member).heard)
    return { outcome: { kind: "done", verb: command.verb }, next: heard };
  const effect = effectOf(member, heard, { comment, command });
  if (typeof effect === "string")
    return { outcome: { kind: "nothingTo", verb: command.verb, why: effect }, next: heard };
  return { outcome: { kind: "done", verb: command.verb }, next: effect };
}

/** The command's effect, or why it has none. */
function effectOf(
  member: Member,
  heard: Heard,
  { comment, command }: { readonly comment: HeardComment; readonly command: Command },
): Heard | string {
  const by = comment.human.login;
  const release = member.at.release;
  if (release?.aborting !== undefined) return "the release is being taken back already";
  const step = nextStep(member);
  if (step === undefined) return "no release is under way";
  const told: Said = { ...heard.said, heard: comment.id };
  switch (command.verb) {
    case "abort":
      return { ...heard, abort: { by, reason: command.reason, comment: comment.id } };
    case "hold": {
      const hold = { target: member.target, by, comment: comment.id, reason: command.reason };
      return { ...heard, said: { ...told, override: undefined, holds: [...withoutHold(member, told), hold] } };
    }
    case "resume":
      if (withoutHold(member, told).length === told.holds.length) return "nothing holds it";
      return { ...heard, said: { ...told, holds: withoutHold(member, told) } };
    case "promote":
      if (step.kind === "rest") return "the release is over as soon as the last weight is seen at 0";
      return {
        ...heard,
        said: { holds: withoutHold(member, told), heard: comment.id, override: { by, comment: comment.id } },
      };
    default:
      return "it changes nothing";
  }
}

function withoutHold({ target }: Member, { holds }: Said): Said["holds"] {
  return holds.filter((hold) => hold.target !== target);
}
