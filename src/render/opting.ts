import { isTelling } from "../core/commands.ts";
import { optBranchOf, type OptFound, type OptSaid, type SaidVerb } from "../core/opting.ts";
import { unreachable } from "../core/unreachable.ts";
import { mistakeText } from "./answer.ts";
import { code, escaped, sentence } from "./markdown.ts";
import { optCheck } from "./opt-check.ts";

const MOST = 20;
const LONGEST_REASON = 1_000;

/** What a line about opting in or out came to, as Markdown of a list item. */
export function optLine(said: OptSaid): string {
  switch (said.kind) {
    case "mistaken":
      return mistakeText(said.error);
    case "unclear":
      return `${code(`/${said.verb}`)}: ${escaped(said.why)}${said.choices.length === 0 ? "" : nested(said.choices.map(code))}`;
    case "meant":
      return foundText(said);
    case "played":
      return `${code("/backtest")}: of what runs now.`;
    case "elsewhere":
      return elsewhereText(said);
    default:
      return unreachable(said);
  }
}

function elsewhereText({ verb, pull }: Extract<OptSaid, { readonly kind: "elsewhere" }>): string {
  const heard = `Heard here are ${["/status", "/backtest", "/opt-in", "/opt-out", "/help"].map(code).join(", ")}.`;
  if (verb !== "help" && pull !== undefined && isTelling(verb))
    return `${code(`/${verb}`)}: ${escaped(optCheck(pull).title)}.`;
  const what =
    verb === "help" ? "this pull request is of no release" : "there is no release here that it could be about";
  return `${code(`/${verb}`)}: ${what}. ${heard}`;
}

type Meant = Extract<OptSaid, { readonly kind: "meant" }>;

function foundText({ verb, service, found }: Meant): string {
  const head = `${code(`/${verb}`)} ${escaped(service)}: `;
  switch (found.kind) {
    case "denied":
      return sentence(found.why);
    case "refused":
      return `${head}not as things stand.${nested(found.reasons.map((reason) => escaped(reason, LONGEST_REASON)))}`;
    case "superseded":
      return `${head}a later line is about the same, and goes.`;
    case "taken":
      return head + takenText(verb, service, found);
    case "closed":
      return `${head}#${found.pull} was opened for this, and closed since. Say it again to open another one.`;
    case "open":
      return `${head}#${found.pull} does it. Review and merge it; Tidegate does not.`;
    case "due":
      return head + dueText(found);
    default:
      return unreachable(found);
  }
}

function dueText({ change, declined }: Extract<OptFound, { readonly kind: "due" }>): string {
  if (declined === undefined) return "its pull request is being opened.";
  const branch = code(optBranchOf(change.wish));
  return `the rules of this repository declined the push of ${branch}: ${escaped(declined.why)}. Leave ${code("tidegate/**")} out of that rule, or put this App on its bypass list. It is tried again for two hours; after that, say this again.`;
}

function takenText(
  verb: SaidVerb,
  service: string,
  { by, pull }: Extract<OptFound, { readonly kind: "taken" }>,
): string {
  const branch = code(`tidegate/${verb}/${service}`);
  return pull === undefined
    ? `the branch ${branch} has commits of ${escaped(by)}, and is left as it is. Delete it, and say this again.`
    : `#${pull} is open from the branch ${branch} with work of ${escaped(by)}, and is left as it is. Take that away, or close it and delete the branch, and say this again.`;
}

function nested(items: readonly string[]): string {
  const shown = items.slice(0, MOST).map((item) => `\n  - ${item}`);
  return [...shown, ...(items.length > MOST ? [`\n  - and ${items.length - MOST} more`] : [])].join("");
}
