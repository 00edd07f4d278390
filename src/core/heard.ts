import type { Outcome } from "./action.ts";
import { isCommand, isFor, isTelling, type Command, type CommandError, type Telling, type Verb } from "./commands.ts";
import { effectOf } from "./effect.ts";
import type { Asked } from "./landing.ts";
import { isOptCommand, type OptCommand, type OptVerb } from "./opting.ts";
import { authorize } from "./permissions.ts";
import { saidOf, type Said } from "./proposal.ts";
import type { HeardComment, Member } from "./snapshot.ts";

/** What the comments on a member's pull requests ask for, once each asker's right to it is known. */
export type Heard = {
  readonly abort: { readonly by: string; readonly reason: string | undefined; readonly comment: number } | undefined;
  /** A commit that a person asks for and that is merged at once; only one a look. */
  readonly landing: Asked | undefined;
  /** Somebody's commits on the step's branch may go. */
  readonly rebuild: "asked" | undefined;
  /** What the step's branch is to say now. */
  readonly said: Said;
  readonly replies: readonly { readonly comment: HeardComment; readonly outcomes: readonly Outcome[] }[];
};

/** Folds unanswered comments, oldest first, into what people have said. A comment whose effect is in git already is only answered. */
export function hear(member: Member): Heard {
  const start: Heard = {
    abort: undefined,
    landing: undefined,
    rebuild: undefined,
    said: saidOf(member),
    replies: [],
  };
  return member.heard.reduce((heard, comment) => hearOne(member, heard, comment), start);
}

function hearOne(member: Member, heard: Heard, comment: HeardComment): Heard {
  const before: Heard = { ...heard, replies: [] };
  const { outcomes, after } = comment.commands.reduce(
    ({ outcomes: past, after: now }, command) => {
      // What is said of another target alone, or of a service as a whole, is neither done nor answered for this one.
      if (isCommand(command) && (isOptCommand(command) || !isFor(command, member)))
        return { outcomes: past, after: now };
      const { outcome, next } = obey(member, now, { comment, command });
      return { outcomes: [...past, outcome], after: next };
    },
    { outcomes: [] as readonly Outcome[], after: before },
  );
  return { ...after, replies: [...heard.replies, { comment, outcomes }] };
}

type Saying = { readonly comment: HeardComment; readonly command: MemberCommand | CommandError };
type MemberCommand = Exclude<Command, OptCommand>;
type Obeyed = { readonly outcome: Outcome; readonly next: Heard };

function obey(member: Member, heard: Heard, { comment, command }: Saying): Obeyed {
  if (!isCommand(command)) return { outcome: { kind: "mistaken", error: command }, next: heard };
  const { verb } = command;
  const governed = { service: member.state.service, rules: member.policy.rules };
  const answer = authorize(comment.human, verb, governed);
  if (answer.kind === "denied") return { outcome: { kind: "denied", verb, why: answer.why }, next: heard };
  if (isTelling(verb)) return { outcome: { kind: "told", verb }, next: heard };
  const effect = effectOf(member, heard, { comment, command });
  // The effect of this comment is a commit already; a second look only answers it. But what is still to be aborted is, whatever the
  // number says: it counts for all targets of a service, and may have come with a state file from another GitHub.
  const isHeard = comment.id <= Math.max(member.state.heard, saidOf(member).heard);
  if (isHeard && (verb !== "abort" || effect.kind === "nothing"))
    return { outcome: { kind: "done", verb, note: undefined }, next: heard };
  return effect.kind === "nothing"
    ? { outcome: { kind: "nothingTo", verb, why: effect.why }, next: heard }
    : { outcome: { kind: "done", verb, note: effect.note }, next: effect.heard };
}

/** Verbs that change something. */
export type Effective = Exclude<Verb, Telling | OptVerb>;
