import type { Action, Outcome } from "../core/action.ts";
import { GRAMMAR, helpText, type CommandError } from "../core/commands.ts";
import { totalOf } from "../core/gate/evidence.ts";
import { versionOf } from "../core/image.ts";
import type { Member } from "../core/snapshot.ts";
import type { Stage } from "../core/stage.ts";
import type { Aborting, ReleaseState } from "../core/state.ts";
import { unreachable } from "../core/unreachable.ts";
import { code, escaped, sentence } from "./markdown.ts";
import { duration, percent, whole } from "./numbers.ts";
import { nextOf } from "./next.ts";
import { newVersion } from "./step.ts";
import { endWord, titleOf } from "./title.ts";

/** GitHub's names of what a command is answered with at once. */
export type Reaction = "+1" | "-1" | "confused" | "eyes";

/** The answer to one comment: a line a command, and where the member stands where that was asked or explains the answer. */
export function replyComment({
  comment,
  member,
  stage,
  outcomes,
}: Extract<Action, { readonly kind: "reply" }>): string {
  const lines = outcomes.map((outcome) => `- ${outcomeLine(outcome, member)}`);
  const parts = [`To ${escaped(comment.human.login)}:`, lines.join("\n")];
  if (outcomes.some(asksForStatus)) parts.push(statusText(member, stage));
  if (outcomes.some(asksForHelp)) parts.push(helpText());
  return parts.join("\n\n");
}

// Worst first: one refused command outranks any number of obeyed ones.
const REACTIONS: readonly (readonly [Outcome["kind"], Reaction])[] = [
  ["denied", "-1"],
  ["mistaken", "confused"],
  ["nothingTo", "confused"],
  ["done", "+1"],
  ["told", "eyes"],
];

/** The reaction that answers a comment's commands together. */
export function reactionTo(outcomes: readonly Outcome[]): Reaction {
  return REACTIONS.find(([kind]) => outcomes.some((outcome) => outcome.kind === kind))?.[1] ?? "eyes";
}

/** How a release ended, on its bump's pull request. */
export function summaryComment({ member, release }: Extract<Action, { readonly kind: "summarise" }>): string {
  const paragraphs = [headlineOf(member, release), countsOf(release), afterwards(member, release)];
  return paragraphs.filter((paragraph) => paragraph !== undefined).join("\n\n");
}

function outcomeLine(outcome: Outcome, member: Member): string {
  switch (outcome.kind) {
    case "done":
      return `${code(`/${outcome.verb}`)}: ${doneText(outcome.verb, member)}`;
    case "told":
      return `${code(`/${outcome.verb}`)}: see below.`;
    case "nothingTo":
      return `${code(`/${outcome.verb}`)}: nothing to do, ${sentence(outcome.why)}.`;
    case "denied":
      return sentence(outcome.why);
    case "mistaken":
      return mistakeText(outcome.error);
    default:
      return unreachable(outcome);
  }
}

function doneText(verb: Extract<Outcome, { readonly kind: "done" }>["verb"], member: Member): string {
  const { service } = member.state;
  switch (verb) {
    case "abort":
      return `the release of ${service} ${escaped(newVersion(member))} to ${member.target} ends here. A newer version starts a new one.`;
    case "hold":
      return `${service} stays where it is in ${member.target}. ${code("/resume")} goes on.`;
    case "resume":
      return `${service} goes on in ${member.target}. The next step merges when its gate passes.`;
    case "promote":
      return `the open step of ${service} in ${member.target} merges without waiting for its gate, recorded as an override. ${code("/abort")} takes the release back.`;
    default:
      return unreachable(verb);
  }
}

/** What is wrong with a line that was meant for us, and what to write. */
function mistakeText(error: CommandError): string {
  switch (error.kind) {
    case "unknownCommand":
      return `${code(`/${error.word}`)} is not a command. Did you mean ${code(`/${error.didYouMean}`)}?`;
    case "unexpectedArgument":
      return `${code(`/${error.command}`)} takes nothing after it, so ${code(error.argument)} is not understood. Write ${code(`/${error.command}`)} alone.`;
    case "missingArgument":
      return `${code(`/${error.command}`)} needs a ${error.what}: ${code(GRAMMAR[error.command].usage)}.`;
    case "unknownArgument":
      return unknownArgumentText(error);
    case "tooManyCommands":
      return `A comment may hold ${error.limit} commands; the rest was not read. Write another comment.`;
    default:
      return unreachable(error);
  }
}

function unknownArgumentText({
  command,
  argument,
  allowed,
  didYouMean,
}: Extract<CommandError, { readonly kind: "unknownArgument" }>): string {
  const hint = didYouMean === undefined ? "" : ` Did you mean ${code(`/${command} ${didYouMean}`)}?`;
  return `${code(`/${command}`)} takes ${allowed.join(" or ")}, not ${code(argument)}.${hint}`;
}

function asksForStatus(outcome: Outcome): boolean {
  return outcome.kind === "nothingTo" || (outcome.kind === "told" && outcome.verb === "status");
}

function asksForHelp(outcome: Outcome): boolean {
  return outcome.kind === "mistaken" || (outcome.kind === "told" && outcome.verb === "help");
}

function statusText(member: Member, stage: Stage): string {
  const { state, target, at, pull } = member;
  const open = pull === undefined ? "" : ` The open step is #${pull.number}.`;
  return `**${state.service} · ${target} · ${at.weight}%**: ${escaped(titleOf(member, stage))}.${open}\n\n${nextOf(member, stage)}`;
}

function headlineOf({ state, target }: Member, { image, aborting }: ReleaseState): string {
  const version = escaped(versionOf(image));
  if (aborting === undefined) return `**${state.service} ${version} is released to ${target}.**`;
  const word = aborting.by === "containment" ? "ended early" : "was taken back";
  return `**${state.service} ${version} ${word} in ${target}.** ${escaped(`${endWord(aborting)}: ${aborting.reason}`, 500)}.`;
}

function countsOf({ evidence }: ReleaseState): string | undefined {
  if (evidence.strata.length === 0) return undefined;
  const [canary, canaryFailed, stable, stableFailed] = totalOf(evidence.strata);
  const rate = (failed: number, requests: number) =>
    `${whole(failed)} of ${whole(requests)} requests${requests === 0 ? "" : ` (${percent(failed / requests)})`}`;
  return `In the steps that were judged, ${rate(canaryFailed, canary)} to the canary failed and ${rate(stableFailed, stable)} to stable.`;
}

function afterwards({ at, changedAt, manifest }: Member, { since, aborting }: ReleaseState): string {
  const took = `It took ${duration(Math.max(0, changedAt - since))} from landing to rest.`;
  if (aborting === undefined) return `${took} Stable runs ${code(at.stable)}, and the canary is at weight 0.`;
  const canary = manifest.canary.image === at.stable ? "the canary, on the same," : code(manifest.canary.image);
  return `${took} Stable runs ${code(at.stable)}, and ${canary} stands at weight 0. ${whatNow(aborting)}`;
}

function whatNow({ by }: Aborting): string {
  return by === "containment"
    ? "What landed meanwhile starts a release of its own."
    : "It does not start again by itself; a newer version starts a release.";
}
