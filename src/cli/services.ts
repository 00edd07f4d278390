import { ForgeError } from "../adapters/github/error.ts";
import type { Skipped } from "../adapters/git/clone.ts";
import { GitError } from "../adapters/git/error.ts";
import { given, meant, type Terminal } from "./command-line.ts";
import { commitAt, type Commit } from "./commit-at.ts";
import { placedTargets } from "../config/target-patterns.ts";
import { UserError } from "../core/error.ts";
import { isOfInterest } from "../manifest/services/facts.ts";
import { isWanted, takeInventory } from "../manifest/services/inventory.ts";
import type { Fleet } from "../manifest/services/model.ts";
import { inTarget, servicesTable, shown, summaryText, unplacedText } from "../manifest/services/table.ts";
import type { Clock } from "../ports/clock.ts";
import { CONFIG_PATH } from "../reconcile/readings.ts";

const USAGE = `Says which services a GitOps repository delivers to which targets, which images they run, where each
version is written and how all that was found; then what could not be placed, and the lines of
configuration that would place it (docs/services.md). Nothing is written.

Usage: tidegate services [folder | owner/repo] [options]

  folder        a clone, or a folder in one (default: this folder); what is committed is read
  owner/repo    a repository that the App is installed on; needs the environment of tidegate start
  --target T    this target only
  --unplaced    only what could not be placed
  --at REF      another commit than HEAD: a branch, a tag, an id
  --json        one JSON object on stdout (docs/services.md)
  --help        this text

Exit status: 0; 1 where nothing was found, 2 for wrong words and for what cannot be read.
`;

/** Runs `tidegate services`; resolves to its exit status. */
export async function services(args: readonly string[], terminal: Terminal, clock: Clock): Promise<number> {
  const parsed = given(args, { options: ["json", "unplaced", "help"], valued: ["target", "at"], most: 1 });
  if (parsed.kind === "err") return wrong(parsed.error, terminal);
  const { words, switches, values } = parsed.value;
  if (switches.has("help")) {
    terminal.write(USAGE);
    return 0;
  }
  try {
    const commit = await commitAt(words[0] ?? ".", values.get("at"), { terminal, clock });
    const found = await discover(commit, terminal);
    return answer(
      found,
      { target: values.get("target"), isJson: switches.has("json"), isUnplaced: switches.has("unplaced") },
      terminal,
    );
  } catch (error) {
    if (!(error instanceof UserError || error instanceof ForgeError || error instanceof GitError)) throw error;
    terminal.tell(`${shown(error.message)}\n`);
    return 2;
  }
}

function wrong(what: string, { tell }: Terminal): number {
  tell(`${what}\ntidegate services --help says what there is.\n`);
  return 2;
}

type Found = {
  readonly commit: Commit;
  readonly fleet: Fleet;
  readonly problems: readonly string[];
  readonly skipped: readonly Skipped[];
};

// From so many files on it takes longer than a moment.
const MANY = 2_000;

async function discover(commit: Commit, { tell }: Terminal): Promise<Found> {
  const { listing, texts } = commit;
  const config = (await texts([CONFIG_PATH].filter((path) => listing.has(path)))).get(CONFIG_PATH);
  const { patterns, problems } = placedTargets(config === undefined ? undefined : { path: CONFIG_PATH, text: config });
  const wanted = [...listing.keys()].filter((path) => isWanted(path, patterns));
  if (wanted.length > MANY) tell(`Reading ${wanted.length} files …\n`);
  const read = await texts(wanted);
  const { fleet } = takeInventory(listing, (path) => read.get(path), patterns);
  const unreadable = wanted
    .filter((path) => !read.has(path))
    .map((path) => ({ path, why: "it is not UTF-8, or not in this clone" }));
  const odd = commit.skipped.filter(({ path }) => isOfInterest(path.replace(/[^\w./-]/g, "_").replace(/^-+/, "")));
  return { commit, fleet, problems, skipped: [...odd, ...unreadable] };
}

type Question = { readonly target: string | undefined; readonly isJson: boolean; readonly isUnplaced: boolean };

function answer(
  { commit, fleet, problems, skipped }: Found,
  { target, isJson, isUnplaced }: Question,
  terminal: Terminal,
): number {
  const shownFleet = target === undefined ? fleet : inTarget(fleet, target);
  for (const problem of problems)
    terminal.tell(`The configuration is not read, and its targets do not count: ${shown(problem)}\n`);
  if (isJson) {
    const { services: all, unplaced } = shownFleet;
    const document = {
      version: 1,
      repository: commit.repository,
      commit: commit.id,
      services: isUnplaced ? [] : all,
      unplaced,
      skipped,
    };
    terminal.write(`${JSON.stringify(document, undefined, 2)}\n`);
    return shownFleet.services.length === 0 ? 1 : 0;
  }
  if (target !== undefined && shownFleet.services.length === 0) {
    const names = [...new Set(fleet.services.flatMap(({ targets }) => targets.map(({ name }) => name)))];
    terminal.tell(`There is no target ${shown(target)}.${meant(target, names)}\n`);
    return 1;
  }
  terminal.write(textOfAll(shownFleet, skipped, isUnplaced));
  return shownFleet.services.length === 0 ? 1 : 0;
}

function textOfAll(fleet: Fleet, skipped: readonly Skipped[], isUnplaced: boolean): string {
  const parts = [
    isUnplaced || fleet.services.length === 0 ? "" : servicesTable(fleet.services),
    fleet.unplaced.length === 0 ? "" : `Not placed:\n\n${unplacedText(fleet.unplaced)}`,
    skipped.length === 0
      ? ""
      : `Not read:\n\n${skipped.map(({ path, why }) => `  ${shown(path)}: ${shown(why)}`).join("\n")}`,
    summaryText(fleet),
  ];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}
