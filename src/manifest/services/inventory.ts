import { derived, type Kept, type KeptParts } from "./derive.ts";
import { factsOf, isOfInterest, type Facts } from "./facts.ts";
import type { Fleet, TargetPattern } from "./model.ts";
import { byText, folderOf } from "./paths.ts";
import { foldersOf, sightOf, withPaths, type Folders } from "./sight.ts";

/** The files of a commit: ids of their contents by path. Only what is a regular file belongs here. */
export type Listing = ReadonlyMap<string, string>;

/** Gives a file's text; undefined for what cannot be read as text. */
export type Read = (path: string) => string | undefined;

/** What a repository delivers where, with all that is needed to bring it up to date. */
export type Inventory = {
  readonly fleet: Fleet;
  readonly listing: Listing;
  readonly patterns: readonly TargetPattern[];
  readonly state: State;
};

/** What is kept from one commit to the next; each part with what it was made of. */
type State = KeptParts & {
  readonly folders: Folders;
  readonly facts: ReadonlyMap<string, Facts>;
  /** The paths of `facts`, sorted. */
  readonly paths: readonly string[];
};

/** Whether discovery wants a file's text. */
export function isWanted(path: string, patterns: readonly TargetPattern[]): boolean {
  return isOfInterest(path) || patterns.some(({ covers }) => covers(path));
}

/** Discovers services and targets in a listing. `read` is called once for each file that is wanted. */
export function takeInventory(listing: Listing, read: Read, patterns: readonly TargetPattern[] = []): Inventory {
  const facts = new Map<string, Facts>();
  for (const path of listing.keys()) setFacts(facts, path, isWanted(path, patterns) ? read(path) : undefined);
  const paths = [...facts.keys()].toSorted(byText);
  const before = { delivered: new Map(), renderings: new Map(), made: new Map(), grouping: undefined };
  return derive(listing, { folders: foldersOf(listing.keys()), facts, paths, ...before }, patterns);
}

function setFacts(facts: Map<string, Facts>, path: string, text: string | undefined): void {
  if (text === undefined) facts.delete(path);
  else facts.set(path, factsOf({ path, text }));
}

/** Changed files: their new ids, undefined for those that are gone. */
export type Changes = ReadonlyMap<string, string | undefined>;

/** The inventory of the next commit: reads only what changed, and derives only what depends on it; equal to one taken from nothing. */
export function updateInventory({ listing, patterns, state }: Inventory, changes: Changes, read: Read): Inventory {
  const real = new Map([...changes].filter(([path, id]) => listing.get(path) !== id));
  const nextListing = new Map(listing);
  const facts = new Map(state.facts);
  for (const [path, id] of real) {
    if (id === undefined) nextListing.delete(path);
    else nextListing.set(path, id);
    setFacts(facts, path, id !== undefined && isWanted(path, patterns) ? read(path) : undefined);
  }
  const added = [...real].flatMap(([path, id]) => (id !== undefined && !listing.has(path) ? [path] : []));
  const removed = [...real].flatMap(([path, id]) => (id === undefined ? [path] : []));
  const touched: Touched = {
    paths: [...real.keys()],
    folders: [...new Set([...added, ...removed].flatMap(foldersAbove))],
  };
  const sameFiles =
    facts.size === state.facts.size && [...real.keys()].every((path) => facts.has(path) === state.facts.has(path));
  return derive(
    nextListing,
    {
      folders: added.length + removed.length === 0 ? state.folders : withPaths(state.folders, added, removed),
      facts,
      paths: sameFiles ? state.paths : [...facts.keys()].toSorted(byText),
      delivered: untouched(state.delivered, touched),
      renderings: untouched(state.renderings, touched),
      made: state.made,
      grouping: state.grouping,
    },
    patterns,
  );
}

type Touched = { readonly paths: readonly string[]; readonly folders: readonly string[] };

function foldersAbove(path: string): readonly string[] {
  const folder = folderOf(path);
  return folder === "" ? [""] : [folder, ...foldersAbove(folder)];
}

function untouched<T>(kept: ReadonlyMap<string, Kept<T>>, { paths, folders }: Touched): ReadonlyMap<string, Kept<T>> {
  const isStale = ({ asked }: Kept<T>) =>
    paths.some((path) => asked.paths.has(path)) || folders.some((folder) => asked.folders.has(folder));
  return new Map([...kept].filter(([, one]) => !isStale(one)));
}

/** A member: a service in a target. */
export type Member = { readonly service: string; readonly home: string; readonly target: string };

/** The members in which any of some files has a say. */
export function affectedBy({ fleet }: Inventory, paths: Iterable<string>): readonly Member[] {
  const changed = new Set(paths);
  return fleet.services.flatMap(({ name: service, home, targets }) =>
    targets.flatMap(({ name: target, reads }) =>
      reads.some((path) => changed.has(path)) ? [{ service, home, target }] : [],
    ),
  );
}

function derive(listing: Listing, state: State, patterns: readonly TargetPattern[]): Inventory {
  const { fleet, kept } = derived({ ...state, sight: sightOf(state.folders, state.facts) }, patterns);
  return { fleet, listing, patterns, state: { ...state, ...kept } };
}
