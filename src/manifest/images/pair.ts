import type { ImageSite } from "./site.ts";

/** A version before and after, at one place. */
export type Pair = { readonly before: ImageSite; readonly after: ImageSite };

/** Sites of two versions of a file: those that belong together, and those that only one of them has. */
export type Pairing = {
  readonly pairs: readonly Pair[];
  readonly removed: readonly ImageSite[];
  readonly added: readonly ImageSite[];
};

/** Pairs sites by what they are, then what is left by object and key, then by image and order. In a file that moved, another image is another site. */
export function pairSites(before: readonly ImageSite[], after: readonly ImageSite[], file: "same" | "moved"): Pairing {
  const ways = [file === "same" ? byWhere : byWhereAndImage, byPlace, byImage];
  return ways.reduce(pairBy, { pairs: [], removed: before, added: after });
}

function pairBy({ pairs, removed, added }: Pairing, name: (site: ImageSite) => string | undefined): Pairing {
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

function byImage({ where, image, version }: ImageSite): string | undefined {
  return image === undefined ? undefined : `${lastKey(where)} ${image} ${version}`;
}

function objectOf(where: string): string {
  return where.slice(0, Math.max(0, where.lastIndexOf(" ")));
}

function lastKey(where: string): string {
  return where.slice(Math.max(where.lastIndexOf("."), where.lastIndexOf("]")) + 1).replace(/~\d+$/, "");
}
