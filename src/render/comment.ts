import type { Action, Answer, Fall, Note, Outcome } from "../core/action.ts";
import { helpText } from "../core/commands.ts";
import { optOutcome, type OptSaid } from "../core/opting.ts";
import { isBacktest } from "../core/replies.ts";
import type { Member } from "../core/snapshot.ts";
import { unreachable } from "../core/unreachable.ts";
import { outcomeLine, tellings } from "./answer.ts";
import { fallReason } from "./fall.ts";
import { code, escaped, withoutStop } from "./markdown.ts";
import { optLine } from "./opting.ts";
import { newVersion } from "./step.ts";

/** GitHub's names of what a command is answered with at once. */
export type Reaction = "+1" | "-1" | "confused" | "eyes";

/** What a reply may take, in characters: GitHub's limit of a comment is 65,536, and the help comes on top. */
export const LONGEST_ANSWERS = 60_000;

type Reply = Extract<Action, { readonly kind: "reply" }>;

/** Which of our comments a reply is: the newest reply stands for those before, but for a back-test, which has a comment of its own. */
export function replyTopic({ comment, ...reply }: Reply): string {
  return asksForPast(reply) ? `backtest/${comment.id}` : "replies";
}

/**
 * The answer to one comment: a line a command, and where a member stands where that was asked or explains the answer.
 * What is the same for all members of a comment is said once, the rest per member.
 */
export function replyComment({ comment, answers, optings = [] }: Reply): string {
  const opted = optings.length === 0 ? [] : [itemsOf(optings.map(optLine))];
  const parts = [
    `To ${escaped(comment.human.login)}:`,
    ...fitting([...(answers.length > 1 ? grouped(answers) : answers.flatMap(alone)), ...opted]),
    ...(asksForPast({ answers, optings }) ? [comment.found ?? ""] : []),
    ...(asksFor(asksForHelp, answers) || optings.some(isHelpless) ? [helpText()] : []),
  ];
  return parts.join("\n\n");
}

function alone(answer: Answer): readonly string[] {
  return [itemsOf(linesOf(answer)), ...tellings(answer.outcomes, answer)];
}

function linesOf(answer: Answer): readonly string[] {
  return answer.outcomes.map((outcome) => outcomeLine(outcome, answer));
}

function itemsOf(lines: readonly string[]): string {
  return lines.map((line) => `- ${line}`).join("\n");
}

function grouped(answers: readonly Answer[]): readonly string[] {
  const lines = answers.map(linesOf);
  const [first = []] = lines;
  const common = first.filter((line) => lines.every((of) => of.includes(line)));
  const perMember = answers.map((answer) => {
    const own = linesOf(answer).filter((line) => !common.includes(line));
    const told = tellings(answer.outcomes, answer);
    const head = `**${answer.member.state.service} · ${answer.member.target}**`;
    return [...(own.length === 0 ? [] : [`${head}\n\n${itemsOf(own)}`]), ...told].join("\n\n");
  });
  return [...(common.length === 0 ? [] : [itemsOf(common)]), ...perMember.filter((part) => part !== "")];
}

/** As many parts as fit, and how many more there are. */
function fitting(parts: readonly string[]): readonly string[] {
  let length = 0;
  const count = parts.findIndex((part) => {
    length += part.length + 2;
    return length > LONGEST_ANSWERS;
  });
  if (count === -1) return parts;
  return [...parts.slice(0, count), `And ${parts.length - count} more, too many to show here.`];
}

function asksFor(isSo: (outcome: Outcome) => boolean, answers: readonly Answer[]): boolean {
  return answers.some(({ outcomes }) => outcomes.some(isSo));
}

function asksForPast({ answers, optings = [] }: Pick<Reply, "answers" | "optings">): boolean {
  return asksFor(isBacktest, answers) || optings.some(({ kind }) => kind === "played");
}

function isHelpless(said: OptSaid): boolean {
  return said.kind === "mistaken" || (said.kind === "elsewhere" && said.verb === "help");
}

function asksForHelp(outcome: Outcome): boolean {
  return outcome.kind === "mistaken" || (outcome.kind === "told" && outcome.verb === "help");
}

// Worst first: one refused command outranks any number of obeyed ones.
const REACTIONS: readonly (readonly [Outcome["kind"], Reaction])[] = [
  ["denied", "-1"],
  ["mistaken", "confused"],
  ["nothingTo", "confused"],
  ["done", "+1"],
  ["told", "eyes"],
];

/** All that a comment's lines have come to. */
export function outcomesOf({ answers, optings = [] }: Reply): readonly Pick<Outcome, "kind">[] {
  return [...answers.flatMap(({ outcomes }) => outcomes), ...optings.map((said) => ({ kind: optOutcome(said) }))];
}

/** The reaction that answers a comment's commands together, for all members that it speaks of. */
export function reactionTo(outcomes: readonly Pick<Outcome, "kind">[]): Reaction {
  return REACTIONS.find(([kind]) => outcomes.some((outcome) => outcome.kind === kind))?.[1] ?? "eyes";
}

/** What a person is told on a pull request without having asked, as Markdown. */
export function noteComment(note: Note): string {
  switch (note.kind) {
    case "closed":
      return `Closed by ${escaped(note.by)}, and that holds the release: no step merges, and the weight stays as it is. Re-open this pull request or say ${code("/resume")} here to go on; ${code("/abort")} ends the release.`;
    case "letGo":
      return `The service ${escaped(note.service)} has no state file any more, so Tidegate lets it go and closes this. The weight stays as it is, and nothing moves it from here on. Restore ${code(`.tidegate/services/${note.service}.yaml`)} to go on, or set the weight in the route yourself.`;
    default:
      return unreachable(note);
  }
}

/**
 * A call for people on the pull request of a commit that GitHub does not let Tidegate merge: what is at stake, GitHub's reason, what to do.
 * The one place where anybody is mentioned: `page` are logins and teams as `org/slug`.
 */
export function abortWaits(member: Member, fall: Fall, reason: string, page: readonly string[]): string {
  const called = page.filter((one) => ACCOUNT.test(one)).map((one) => `@${one}`);
  const parts = [
    called.length === 0 ? undefined : called.join(" "),
    `**This waits for a person.** ${stakes(member)}`,
    escaped(fallReason(member, fall), 1000),
    `GitHub does not let Tidegate merge it: ${escaped(withoutStop(reason), 500)}.`,
    `Approve and merge this now. To let Tidegate do it next time, see “Rules on the default branch” in ${code("docs/install.md")} of Tidegate.`,
  ];
  return parts.filter((part) => part !== undefined).join("\n\n");
}

// Nothing else may follow an @: what is no account would be words of others.
const ACCOUNT = /^[A-Za-z0-9](?:-?[A-Za-z0-9]){0,38}(?:\/[A-Za-z0-9][A-Za-z0-9._-]{0,99})?$/;

function stakes(member: Member): string {
  const { manifest, state, target } = member;
  const place = `${state.service} in ${target}`;
  if (manifest.weight === 0) return `No traffic of ${place} goes to the canary, so nobody is served by it meanwhile.`;
  return `Until it is merged, ${manifest.weight}% of the traffic of ${place} goes on to ${escaped(newVersion(member))}.`;
}
