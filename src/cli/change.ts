import { existsSync } from "node:fs";
import { openClone, type Clone } from "../adapters/git/clone.ts";
import { GitError } from "../adapters/git/error.ts";
import { rangeIn, type Range } from "./change-range.ts";
import { sidesOf } from "./change-sides.ts";
import { given, type Terminal } from "./command-line.ts";
import { isStatePath } from "../config/state-file.ts";
import { UserError } from "../core/error.ts";
import { deltaBetween } from "../manifest/delta/delta.ts";
import type { Besides, Delta } from "../manifest/delta/model.ts";
import { deltaText } from "../manifest/delta/table.ts";
import { shown } from "../manifest/services/table.ts";

const USAGE = `Says what a change of a GitOps repository is: which services get which image in which target, from what
to what; whether it is only a bump, a bump with other changes, or none; and what else it changes
(docs/services.md). It reads git itself, so there is no limit of files. Nothing is written.

Usage: tidegate change [folder] [BASE [HEAD]] [options]

  folder        a clone, or a folder in one (default: this folder); what is committed is read
  (nothing)     HEAD against its first parent
  BRANCH        what a pull request of that branch brings to the default branch
  BASE          what HEAD brings to BASE, another commit or the default branch
  BASE HEAD     what HEAD brings to BASE; where BASE is a branch, as it was when HEAD left it
  BASE..HEAD    the two as they are; BASE...HEAD from where they parted
  --json        one JSON object on stdout (docs/services.md)
  --help        this text

Exit status: 0; 1 where it cannot be told, 2 for wrong words.
`;

/** Runs `tidegate change`; resolves to its exit status. */
export async function change(args: readonly string[], terminal: Terminal): Promise<number> {
  const parsed = given(args, { options: ["json", "help"], most: 3 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches } = parsed.value;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  const [first] = words;
  const isPlace = first !== undefined && existsSync(first);
  const names = isPlace ? words.slice(1) : words;
  if (names.length > 2) return wrong(`${shown(names[0] ?? "")} is no folder, and a change has two ends.`, terminal);
  const folder = isPlace ? first : ".";
  try {
    const clone = await openClone(folder, terminal.environment);
    const range = await rangeIn(clone, names);
    const delta = await deltaIn(clone, range, terminal);
    terminal.write(
      switches.has("json") ? json(folder, range, delta) : `${rangeText(range)}\n${deltaText(inShort(delta))}`,
    );
    return 0;
  } catch (error) {
    if (!(error instanceof UserError || error instanceof GitError)) throw error;
    terminal.tell(`${shown(error.message)}\n`);
    return 1;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate change --help says what there is.\n`);
  return 2;
}

function json(repository: string, { from, to }: Range, delta: Delta): string {
  return `${JSON.stringify({ version: 1, repository, from, to, ...delta }, undefined, 2)}\n`;
}

/** For people, all that Tidegate wrote into one of its state files is one line; the JSON document has each. */
function inShort(delta: Delta): Delta {
  const isOwn = ({ kind, path }: Besides): boolean => kind === "other" && isStatePath(path);
  const counts = Map.groupBy(delta.besides.filter(isOwn), ({ path }) => path);
  const besides = delta.besides.flatMap((one): readonly Besides[] => {
    const all = isOwn(one) ? (counts.get(one.path) ?? []) : [one];
    if (all.length < 2) return [one];
    return all[0] === one ? [{ ...one, what: `Tidegate's state, ${all.length} values` }] : [];
  });
  return { ...delta, besides };
}

function rangeText({ from, to, words }: Range): string {
  return `${from.slice(0, 10)}..${to.slice(0, 10)}: ${shown(words)}\n`;
}

async function deltaIn(clone: Clone, { from, to }: Range, { tell }: Terminal): Promise<Delta> {
  const { sides, problems } = await sidesOf(clone, from, to);
  for (const problem of problems)
    tell(`The configuration is not read, and its targets do not count: ${shown(problem)}\n`);
  return deltaBetween(sides);
}
