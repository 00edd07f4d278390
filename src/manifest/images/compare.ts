import { couplesOf, type Couple, type Texts } from "./couple.ts";
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

function compareCouple({ before, after }: Couple, around: BothSides): FileComparison {
  const was = before === undefined ? [] : readImages(before, around.before).sites;
  const is = after === undefined ? [] : readImages(after, around.after).sites;
  const { pairs, removed, added } = pairSites(was, is, before?.path === after?.path ? "same" : "moved");
  const bumps = pairs.map(bumpOf).filter(isChange);
  return { bumps, removed, added, others: otherChanges({ before, after, pairs }) };
}

function bumpOf({ before, after }: Pair): ImageBump {
  return { before, after, from: before.version, to: after.version, image: after.image, imageFrom: before.image };
}

function isChange({ from, to, image, imageFrom }: ImageBump): boolean {
  return from !== to || (image !== imageFrom && image !== undefined && imageFrom !== undefined);
}
