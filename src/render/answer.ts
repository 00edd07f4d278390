import type { Outcome } from "../core/action.ts";
import { GRAMMAR, type CommandError } from "../core/commands.ts";
import { judgedOn } from "../core/plan.ts";
import { isBumped } from "../core/proposal.ts";
import type { Member } from "../core/snapshot.ts";
import type { Stage } from "../core/stage.ts";
import { unreachable } from "../core/unreachable.ts";
import { groundsSentence } from "./evidence.ts";
import { code, escaped, sentence, withoutStop } from "./markdown.ts";
import { missingItems, missingList } from "./missing.ts";
import { nextOf } from "./next.ts";
import { partsOf, stepRecord, verdictIn } from "./record.ts";
import { changeOf, newVersion, planTable } from "./step.ts";
import { titleOf } from "./title.ts";

type Stood = { readonly member: Member; readonly stage: Stage };

/** What a command came to, as a line of Markdown. */
export function outcomeLine(outcome: Outcome, stood: Stood): string {
  switch (outcome.kind) {
    case "done":
      return `${code(`/${outcome.verb}`)}: ${doneText(outcome.verb, stood)}${noteText(outcome.note)}`;
    case "told":
      return `${code(`/${outcome.verb}`)}: see below.`;
    case "nothingTo":
      return `${code(`/${outcome.verb}`)}: nothing to do, ${sentence(withoutStop(outcome.why))}.`;
    case "denied":
      return sentence(outcome.why);
    case "mistaken":
      return mistakeText(outcome.error);
    default:
      return unreachable(outcome);
  }
}

function noteText(note: string | undefined): string {
  return note === undefined ? "" : ` ${sentence(`${note.charAt(0).toUpperCase()}${note.slice(1)}`)}.`;
}

function doneText(verb: Extract<Outcome, { readonly kind: "done" }>["verb"], { member, stage }: Stood): string {
  const place = `${member.state.service} in ${member.target}`;
  switch (verb) {
    case "abort":
      return abortText(member, stage);
    case "hold":
      return `${place} stays where it is. ${code("/resume")} goes on.`;
    case "resume":
      return `${place} goes on. The next step merges when its gate passes.`;
    case "promote":
      return `the open step of ${place} merges without waiting for its gate, recorded as an override. ${code("/abort")} takes the release back.`;
    case "skip":
      return `that gate is left out for ${place} to the end of the release, recorded with its reason; what it sees is still shown. ${code("/abort")} takes the release back.`;
    case "retry":
      return `the block of the version is lifted for ${place}. Its release starts at weight 0, as every other.`;
    case "adopt":
      return `what was changed by hand is what is wanted for ${place} now.`;
    case "rollback":
      return `${place} goes back by a commit that is merged at once. The version that it leaves does not start again by itself; ${code("/retry")} lets it.`;
    default:
      return unreachable(verb);
  }
}

function abortText(member: Member, stage: Stage): string {
  const { service } = member.state;
  if (stage.kind === "orphan") return `the weight of ${service} in ${member.target} goes to 0 at once.`;
  const version = member.at.release !== undefined || isBumped(member) ? ` ${escaped(newVersion(member))}` : "";
  return `the release of ${service}${version} to ${member.target} ends here. A newer version starts a new one; ${code("/retry")} lets this one start again.`;
}

/** What is wrong with a line that was meant for us, and what to write. */
export function mistakeText(error: CommandError): string {
  switch (error.kind) {
    case "unknownCommand":
      return `${code(`/${error.word}`)} is not a command. Did you mean ${code(`/${error.didYouMean}`)}?`;
    case "unexpectedArgument":
      return `${code(`/${error.command}`)} takes nothing after it, so ${code(error.argument)} is not understood. Write ${code(`/${error.command}`)} alone.`;
    case "missingArgument":
      return `${code(`/${error.command}`)} needs a ${error.what}. Write \`${GRAMMAR[error.command].usage}\`.`;
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
  const hint =
    didYouMean === undefined
      ? `Write \`${GRAMMAR[command].usage}\`.`
      : `Did you mean ${code(`/${command} ${didYouMean}`)}?`;
  return `${code(`/${command}`)} takes ${allowed.join(" or ")}, not ${code(argument)}. ${hint}`;
}

/** What was asked for, and where the member stands where nothing was done: paragraphs of Markdown. */
export function tellings(outcomes: readonly Outcome[], stood: Stood): readonly string[] {
  const asks = (verb: string) => outcomes.some((outcome) => outcome.kind === "told" && outcome.verb === verb);
  const isStranded = outcomes.some(({ kind }) => kind === "nothingTo");
  return [
    ...(asks("status") || isStranded ? [statusText(stood)] : []),
    ...(asks("why") ? [whyText(stood)] : []),
    ...(asks("plan") ? [planText(stood.member)] : []),
  ];
}

function headOf({ state, target, at }: Member): string {
  return `**${state.service} · ${target} · ${standText(at)}**`;
}

function standText({ weight, testers, mirror }: Member["at"]): string {
  if (mirror !== undefined) return `mirror ${mirror}%`;
  return testers === true ? "testers" : `${weight}%`;
}

function statusText({ member, stage }: Stood): string {
  const { pull } = member;
  const open = pull === undefined ? "" : ` The open step is #${pull.number}.`;
  return `${headOf(member)}: ${escaped(titleOf(member, stage))}.${open}\n\n${nextOf(member, stage)}`;
}

const MOST_MISSING = 20;

function whyText({ member, stage }: Stood): string {
  const missing = missingList(member, stage);
  const verdict = verdictIn(stage);
  const grounds =
    verdict && groundsSentence({ ...partsOf(verdict), evidence: judgedOn(member), step: stepRecord(member) });
  const title = `${headOf(member)}: ${escaped(titleOf(member, stage))}.`;
  const what =
    missing.length === 0
      ? `${title} Nothing is missing.`
      : `${title} What is missing, nearest first:\n\n${missingItems(missing, MOST_MISSING)}`;
  return grounds === undefined ? what : `${what}\n\n${grounds}`;
}

function planText(member: Member): string {
  const { at, plan, manifest, policy } = member;
  const isUnderWay = at.release !== undefined || isBumped(member);
  const what = isUnderWay
    ? `The release: ${changeOf(member)}`
    : `No release is under way (stable runs ${code(manifest.stable.image)}); the next one`;
  const by = member.planName === "expedite" ? "by the plan of hotfixes" : "by this plan";
  return `${headOf(member)}: ${what}, ${by}.\n\n${planTable(plan, isUnderWay ? (at.release?.step ?? -1) + 1 : -1, policy.evidence)}`;
}
