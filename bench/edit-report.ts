import type { Surroundings } from "../src/manifest/images/site.ts";
import { placesIn, type Place } from "./edit-finder.ts";
import { editsOf, sitesOf, type Outcome } from "./edit-run.ts";

/** A place that the full parse finds and nobody reads. */
export type Miss = { readonly path: string; readonly line: number; readonly place: Place };

/** What came of all edits; shares are of the edits that were made, `refusedShare` of those that were tried. */
export type Measured = {
  readonly files: number;
  /** Files that do not parse, not even without the actions of templates: nothing in them counts as found. */
  readonly unparsed: number;
  readonly edits: number;
  readonly images: number;
  readonly weights: number;
  readonly coverage: number;
  readonly imageCoverage: number;
  readonly weightCoverage: number;
  readonly minimalShare: number;
  readonly identicalBackShare: number;
  /** Edits after which every other site is still read as before. */
  readonly othersSameShare: number;
  readonly refusedShare: number;
  readonly refusals: Readonly<Record<string, number>>;
  readonly crashes: readonly string[];
  readonly slowestMs: number;
  readonly unlike: readonly string[];
  readonly misses: readonly Miss[];
};

type FileResult = {
  readonly outcomes: readonly Outcome[];
  readonly places: readonly Place[] | undefined;
  readonly misses: readonly Miss[];
};

export function measureEdits(files: ReadonlyMap<string, string>): Measured {
  const around = surroundingsOf(files);
  const results = [...files].map(([path, text]) => resultOf(path, text, around));
  const outcomes = results.flatMap((result) => result.outcomes);
  const places = results.flatMap((result) => result.places ?? []);
  const misses = results.flatMap((result) => result.misses);
  const done = outcomes.filter((outcome) => outcome.kind === "done");
  const refused = outcomes.filter((outcome) => outcome.kind === "refused");
  return {
    files: files.size,
    unparsed: results.filter((result) => result.places === undefined).length,
    edits: outcomes.length,
    images: outcomes.filter(({ what }) => what === "image").length,
    weights: outcomes.filter(({ what }) => what === "weight").length,
    coverage: share(places.length - misses.length, places.length),
    imageCoverage: coverageOf("image", places, misses),
    weightCoverage: coverageOf("weight", places, misses),
    minimalShare: share(done.filter(({ isMinimal }) => isMinimal).length, done.length),
    identicalBackShare: share(done.filter(({ isBack }) => isBack).length, done.length),
    othersSameShare: share(done.filter(({ others }) => others === "same").length, done.length),
    refusedShare: share(refused.length, outcomes.length, 0),
    refusals: countsOf(refused.map(({ reason }) => reason)),
    crashes: outcomes.flatMap((outcome) =>
      outcome.kind === "crashed" ? [`${placeOf(outcome)}: ${outcome.reason}`] : [],
    ),
    slowestMs: Math.max(0, ...outcomes.map(({ ms }) => ms)),
    unlike: done.filter(({ isMinimal, isBack, others }) => !isMinimal || !isBack || others === "changed").map(placeOf),
    misses,
  };
}

function resultOf(path: string, text: string, around: Surroundings): FileResult {
  const file = { path, text };
  const sites = sitesOf(file, around);
  const places = placesIn(text);
  const isRead = ({ what, start, end }: Place) =>
    sites.some((site) => site.what === what && site.parts.some((part) => part.start >= start && part.end <= end));
  const misses = (places ?? []).filter((place) => !isRead(place));
  const lined = misses.map((place) => ({ path, line: text.slice(0, place.start).split("\n").length, place }));
  return { outcomes: editsOf(file, sites, around), places, misses: lined };
}

function coverageOf(what: Place["what"], places: readonly Place[], misses: readonly Miss[]): number {
  const all = places.filter((place) => place.what === what).length;
  return share(all - misses.filter(({ place }) => place.what === what).length, all);
}

function placeOf({ path, line, where }: Outcome): string {
  return `${path}:${line} ${where}`;
}

function surroundingsOf(files: ReadonlyMap<string, string>): Surroundings {
  const paths = [...files.keys()];
  const below = Map.groupBy(
    paths.flatMap((path) => foldersOf(path).map((folder) => ({ folder, path }))),
    ({ folder }) => folder,
  );
  return { read: (path) => files.get(path), list: (folder) => (below.get(folder) ?? []).map(({ path }) => path) };
}

function foldersOf(path: string): readonly string[] {
  const parts = path.split("/").slice(0, -1);
  return parts.map((_, index) => parts.slice(0, index + 1).join("/"));
}

function countsOf(reasons: readonly string[]): Readonly<Record<string, number>> {
  const counts = [...Map.groupBy(reasons, (reason) => reason)].map(([reason, all]) => [reason, all.length] as const);
  return Object.fromEntries(counts.toSorted(([, a], [, b]) => b - a));
}

function share(part: number, whole: number, none = 1): number {
  return whole === 0 ? none : part / whole;
}
