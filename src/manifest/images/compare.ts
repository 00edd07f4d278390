import type { TextFile } from "../../yaml/refusal.ts";
import { otherChanges, type OtherChange } from "./others.ts";
import { pairSites, type Pair } from "./pair.ts";
import { readImages } from "./read.ts";
import type { ImageSite, Surroundings } from "./site.ts";

/** A version that moved, or a version that stayed while its image became another (`from` and `to` are equal then). */
export type ImageBump = {
  readonly before: ImageSite;
  readonly after: ImageSite;
  readonly from: string;
  readonly to: string;
  readonly image: string | undefined;
  readonly imageFrom: string | undefined;
};

/** What differs between two versions of some files; `others` is empty exactly where nothing but images does. */
export type FileComparison = {
  readonly bumps: readonly ImageBump[];
  readonly added: readonly ImageSite[];
  readonly removed: readonly ImageSite[];
  readonly others: readonly OtherChange[];
};

/** The other files at either commit. */
export type BothSides = { readonly before: Surroundings; readonly after: Surroundings };

type Texts = ReadonlyMap<string, string>;

/** Compares files by path, given before and after; a file that only one side has was added, removed or, with the same content, moved. */
export function compareFiles(before: Texts, after: Texts, around: BothSides): FileComparison {
  const parts = couplesOf(before, after).map((couple) => compareCouple(couple, around));
  return {
    bumps: parts.flatMap(({ bumps }) => bumps),
    added: parts.flatMap(({ added }) => added),
    removed: parts.flatMap(({ removed }) => removed),
    others: parts.flatMap(({ others }) => others),
  };
}

/** The same file before and after; one of them is missing where the file is new or gone. */
type Couple = { readonly before: TextFile | undefined; readonly after: TextFile | undefined };

function couplesOf(before: Texts, after: Texts): readonly Couple[] {
  const gone = [...before.keys()].filter((path) => !after.has(path));
  const moved = new Map<string, string>();
  const couples: Couple[] = [];
  for (const [path, text] of after) {
    const old = before.get(path);
    if (old === text) continue;
    const from = old === undefined ? gone.find((other) => !moved.has(other) && before.get(other) === text) : path;
    if (old === undefined && from !== undefined) moved.set(from, path);
    couples.push({ before: from === undefined ? undefined : fileOf(before, from), after: { path, text } });
  }
  const lost = gone
    .filter((path) => !moved.has(path))
    .map((path) => ({ before: fileOf(before, path), after: undefined }));
  return [...couples, ...lost];
}

function fileOf(files: Texts, path: string): TextFile {
  return { path, text: files.get(path) ?? "" };
}

function compareCouple({ before, after }: Couple, around: BothSides): FileComparison {
  const was = before === undefined ? [] : readImages(before, around.before).sites;
  const is = after === undefined ? [] : readImages(after, around.after).sites;
  const { pairs, removed, added } = pairSites(was, is);
  const bumps = pairs.map(bumpOf).filter(isChange);
  return { bumps, removed, added, others: otherChanges({ before, after, pairs, removed, added }) };
}

function bumpOf({ before, after }: Pair): ImageBump {
  return { before, after, from: before.version, to: after.version, image: after.image, imageFrom: before.image };
}

function isChange({ from, to, image, imageFrom }: ImageBump): boolean {
  return from !== to || (image !== imageFrom && image !== undefined && imageFrom !== undefined);
}
