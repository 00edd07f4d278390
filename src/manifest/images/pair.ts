import type { ImageSite } from "./site.ts";

/** A version before and after, at one place. */
export type Pair = { readonly before: ImageSite; readonly after: ImageSite };

/** Sites of two versions of a file: those that belong together, and those that only one of them has. */
export type Pairing = {
  readonly pairs: readonly Pair[];
  readonly removed: readonly ImageSite[];
  readonly added: readonly ImageSite[];
};

type Naming = (site: ImageSite) => string | undefined;

/**
 * Pairs sites by what they are, then what is left by object and key, then by image and order, then by the image's name in another
 * registry. In a file that moved, another image is another site.
 */
export function pairSites(before: readonly ImageSite[], after: readonly ImageSite[], file: "same" | "moved"): Pairing {
  const shifted = shiftedRows(before, after);
  const byVersion: Naming = (site) => nameInRow(site, shifted, `${site.image ?? ""} ${site.version}`);
  const byName: Naming = (site) => nameInRow(site, shifted, site.image ?? "");
  const byOwnWhere: Naming = (site) =>
    shifted.has(rowOf(site)) ? undefined : file === "same" ? byWhere(site) : byWhereAndImage(site);
  const ways = [byVersion, byName, byOwnWhere, byPlace, byImage, ...(file === "same" ? [byLastName] : [])];
  return ways.reduce(pairBy, { pairs: [], removed: before, added: after });
}

/**
 * Places that only their order tells apart (`[0]` and `[1]`, `app` and `app~2`), where one more or one less stands now: the order
 * no longer says which is which, and what did not change does.
 */
function shiftedRows(before: readonly ImageSite[], after: readonly ImageSite[]): ReadonlySet<string> {
  const [was, is] = [Map.groupBy(before, rowOf), Map.groupBy(after, rowOf)];
  const rows = [...was].filter(([row, sites]) => is.has(row) && is.get(row)?.length !== sites.length);
  return new Set(rows.map(([row]) => row));
}

function rowOf({ where }: ImageSite): string {
  return where.replace(/~\d+|#\d+|\[\d+\]/g, "");
}

function nameInRow(site: ImageSite, rows: ReadonlySet<string>, name: string): string | undefined {
  const row = rowOf(site);
  return rows.has(row) ? `${row} ${name}` : undefined;
}

function pairBy({ pairs, removed, added }: Pairing, name: Naming): Pairing {
  const waiting = Map.groupBy(removed.toReversed(), (site) => name(site) ?? "");
  const more: Pair[] = [];
  for (const site of added) {
    const key = name(site);
    const match = key === undefined ? undefined : waiting.get(key)?.pop();
    if (match !== undefined) more.push({ before: match, after: site });
  }
  const [was, is] = [new Set(more.map(({ before }) => before)), new Set(more.map(({ after }) => after))];
  return {
    pairs: [...pairs, ...more],
    removed: removed.filter((site) => !was.has(site)),
    added: added.filter((site) => !is.has(site)),
  };
}

function byWhere({ where }: ImageSite): string {
  return where;
}

function byWhereAndImage({ where, image }: ImageSite): string {
  return `${where} ${image ?? ""}`;
}

// The same image under the same last key, in an object of the same name: an item was renamed or moved within it.
function byPlace({ where, image }: ImageSite): string | undefined {
  return image === undefined ? undefined : `${objectOf(where)} ${lastKey(where)} ${image}`;
}

// An image that came from another registry or folder, where its name is the item's as well, as in a kustomization.
function byLastName({ where, image }: ImageSite): string | undefined {
  return image === undefined
    ? undefined
    : `${objectOf(where)} ${lastKey(where)} ${image.slice(image.lastIndexOf("/") + 1)}`;
}

function byImage({ where, image, version }: ImageSite): string | undefined {
  return image === undefined ? undefined : `${lastKey(where)} ${image} ${version}`;
}

function objectOf(where: string): string {
  return where.slice(0, Math.max(0, where.lastIndexOf(" ")));
}

function lastKey(where: string): string {
  return where.slice(Math.max(where.lastIndexOf("."), where.lastIndexOf("]")) + 1).replace(/~\d+$/, "");
}
