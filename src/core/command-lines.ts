import { cut } from "./arguments.ts";
import { closest } from "./closest.ts";
import { GRAMMAR, isCommand, VERBS, type Command, type CommandError, type Verb } from "./commands.ts";
import type { Name } from "./names.ts";
import { asSeen, bare } from "./typed.ts";

const MOST_COMMANDS = 10;
const LONGEST_WORD = 24;

/** The commands and mistakes in lines of prose, in order, at most ten; never throws. Lines that are not ours yield nothing. `targets` are the names that narrow a command. */
export function parseCommands(
  lines: readonly string[],
  targets: readonly Name[] = [],
): readonly (Command | CommandError)[] {
  const parsed = lines.map((line) => parseLine(line, targets)).filter((one) => one !== undefined);
  if (parsed.length <= MOST_COMMANDS) return parsed;
  return [...parsed.slice(0, MOST_COMMANDS), { kind: "tooManyCommands", limit: MOST_COMMANDS }];
}

const LIKE_A_COMMAND = /^[^\w\n]{0,9}(\/[a-z].*)/gim;
const HAS_LIKE_IT = /^[^\w\n]{0,9}\/[a-z]/im;
const MOST_READ = 50;

/** Whether a comment may be meant for us, told by how its first such lines begin: quick, and true of some that are quoted or code. */
export function mayHoldCommand(comment: string): boolean {
  if (!HAS_LIKE_IT.test(comment)) return false;
  const lines = comment.matchAll(LIKE_A_COMMAND).take(MOST_READ);
  return parseCommands(Array.from(lines, ([, line = ""]) => line)).length > 0;
}

function parseLine(line: string, targets: readonly Name[]): Command | CommandError | undefined {
  const { first, rest } = cut(asSeen(line));
  if (!first.startsWith("/")) return undefined;
  const word = bare(first.slice(1)).toLowerCase();
  if (!isWord(word)) return undefined;
  const verb = VERBS.find((candidate) => candidate === word);
  if (verb !== undefined) return narrowed(verb, rest, targets);
  const didYouMean = closest(word, VERBS);
  return didYouMean === undefined ? undefined : { kind: "unknownCommand", word, didYouMean };
}

/** At which words a target may stand that a command is about; reasons are free words behind it. */
const TARGET_AT: { readonly [verb in Verb]?: readonly number[] } = {
  promote: [0, 1],
  abort: [0],
  hold: [0],
  resume: [0],
  retry: [0],
  adopt: [0],
  skip: [0, 1],
  rollback: [0, 1],
  backtest: [0],
};

function narrowed(verb: Verb, rest: string, targets: readonly Name[]): Command | CommandError {
  const words = rest.split(" ");
  const meant = (at: number) => targets.find((target) => target === bare(words[at] ?? "").toLowerCase());
  const at = TARGET_AT[verb]?.find((index) => meant(index) !== undefined);
  const target = at === undefined ? undefined : meant(at);
  if (target === undefined) return GRAMMAR[verb].parse(rest);
  const parsed = GRAMMAR[verb].parse(words.filter((_, index) => index !== at).join(" "));
  return isCommand(parsed) ? { ...parsed, target } : parsed;
}

// Paths such as /etc/hosts and words in other scripts are never meant for us.
function isWord(word: string): boolean {
  return word.length <= LONGEST_WORD && /^[!-.0-~]+$/.test(word);
}
