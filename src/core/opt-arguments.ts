import { unknown } from "./arguments.ts";
import type { Command, CommandError } from "./commands.ts";
import { isName, type Name } from "./names.ts";
import { bare } from "./typed.ts";

const PARAMETER = /^([A-Za-z][\w-]*)=(.*)$/;
// Parameters begin with a letter, so that none can be called as a flag. Phones make one dash of two.
const FLAG = /^(?:--?|[–—])([^=]*)(?:=(.*))?$/;

const FLAGS = ["--target", "--namespace"] as const;

/** What follows `/opt-in`: names, and parameters and flags wherever they stand. Values of parameters keep their letters as they are written. */
export function optInOf(rest: string): Command | CommandError {
  const split = flagged(wordsIn(rest));
  if (!("words" in split)) return split;
  const { words, flags } = split;
  const parameters = words.flatMap((word) => {
    const [, name, value] = PARAMETER.exec(word) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value] as const];
  });
  const names = words.filter((word) => !PARAMETER.test(word));
  const [, , more] = names;
  if (more !== undefined) return unknown("opt-in", more, ["a service", "a template", "param=value", ...FLAGS], []);
  const targets = named("target", flags.target);
  if (isMistake(targets)) return targets;
  const namespaces = named("namespace", flags.namespace);
  if (isMistake(namespaces)) return namespaces;
  const [namespace, another] = namespaces;
  if (another !== undefined) return unknown("opt-in", `--namespace ${another}`, ["one namespace"], []);
  return {
    verb: "opt-in",
    names,
    parameters,
    ...(targets.length > 0 && { targets }),
    ...(namespace !== undefined && { namespace }),
  };
}

/** What follows `/opt-out`. */
export function optOutOf(rest: string): Command | CommandError {
  const names = wordsIn(rest);
  const [, more] = names;
  return more === undefined ? { verb: "opt-out", names } : unknown("opt-out", more, ["one service"], []);
}

function wordsIn(rest: string): readonly string[] {
  return rest
    .split(" ")
    .map(bare)
    .filter((word) => word !== "");
}

type Flag = "target" | "namespace";
type Flagged = { readonly words: readonly string[]; readonly flags: Readonly<Record<Flag, readonly string[]>> };

/** The words without the flags, and what those say; a flag's value follows it, after a space or `=`. */
function flagged(all: readonly string[]): Flagged | CommandError {
  const flags: Record<Flag, string[]> = { target: [], namespace: [] };
  const words: string[] = [];
  const left = [...all];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    const [, said, joined] = FLAG.exec(word) ?? [];
    if (said === undefined) {
      words.push(word);
      continue;
    }
    const flag = said.toLowerCase();
    if (flag !== "target" && flag !== "namespace") return unknown("opt-in", `--${said}`, FLAGS);
    const value = joined ?? (left[0] !== undefined && !FLAG.test(left[0]) ? left.shift() : undefined);
    if (value === undefined || value === "") return { kind: "missingArgument", command: "opt-in", what: flag };
    flags[flag].push(value);
  }
  return { words, flags };
}

/** The names that a flag says, each once, in their order; several have commas between. */
function named(flag: Flag, values: readonly string[]): readonly Name[] | CommandError {
  const words = values.flatMap((value) => value.split(",")).map((word) => word.toLowerCase());
  const odd = words.find((word) => !isName(word));
  if (odd !== undefined) return unknown("opt-in", `--${flag} ${odd}`, [`--${flag} with a name`], []);
  return [...new Set(words.filter(isName))].toSorted();
}

function isMistake(found: readonly Name[] | CommandError): found is CommandError {
  return "kind" in found;
}
