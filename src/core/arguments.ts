import { closest } from "./closest.ts";
import type { Command, CommandError, Verb, Wordless } from "./commands.ts";
import { gateNamed, GATES } from "./gate/settings.ts";
import { bare, plain } from "./typed.ts";

/** The first word of a line as it is seen, and what follows it. */
export function cut(text: string): { readonly first: string; readonly rest: string } {
  const end = text.indexOf(" ");
  return end === -1 ? { first: text, rest: "" } : { first: text.slice(0, end), rest: text.slice(end + 1) };
}

/** A verb that takes nothing. */
export function alone(verb: Wordless, rest: string): Command | CommandError {
  return bare(rest) === "" ? { verb } : { kind: "unexpectedArgument", command: verb, argument: plain(rest) };
}

/** Free words, cleaned; undefined where there are none. */
export function reasonOf(rest: string): string | undefined {
  const reason = plain(rest);
  return reason === "" ? undefined : reason;
}

const REACHES = ["step", "full"] as const;

/** What follows `/promote`. */
export function promoteOf(rest: string): Command | CommandError {
  const word = bare(rest).toLowerCase();
  const reach = word === "" ? "step" : REACHES.find((known) => known === word);
  return reach === undefined ? unknown("promote", rest, REACHES) : { verb: "promote", reach };
}

/** What follows `/skip`. */
export function skipOf(rest: string): Command | CommandError {
  const { first, rest: why } = cut(rest);
  const word = bare(first).toLowerCase();
  if (word === "") return { kind: "missingArgument", command: "skip", what: "gate" };
  const gate = gateNamed(word);
  if (gate === undefined) return unknown("skip", first, GATES);
  const reason = reasonOf(why);
  return reason === undefined
    ? { kind: "missingArgument", command: "skip", what: "reason" }
    : { verb: "skip", gate, reason };
}

const VERSION = /^[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,127}$/;

/** What follows `/rollback`. */
export function rollbackOf(rest: string): Command | CommandError {
  const to = bare(rest.replace(/^to (?=.)/i, ""));
  if (to === "") return { verb: "rollback", to: undefined };
  return VERSION.test(to)
    ? { verb: "rollback", to }
    : unknown("rollback", rest, ["a tag", "the beginning of a digest"], []);
}

/** A word that is not understood, and what is; `words`: what may have been meant, where that is not all that is allowed. */
export function unknown(
  command: Verb,
  rest: string,
  allowed: readonly string[],
  words: readonly string[] = allowed,
): CommandError {
  const argument = plain(rest);
  const didYouMean = closest(bare(cut(argument).first), words);
  return { kind: "unknownArgument", command, argument, allowed, ...(didYouMean !== undefined && { didYouMean }) };
}
