import type { ImageInUse } from "./model.ts";
import type { SiteFact } from "./sites.ts";

/** Images after values that count more: one at the same key, or else of the same image, is replaced; others are added. */
export function overlaid(uses: readonly ImageInUse[], sites: readonly SiteFact[]): readonly ImageInUse[] {
  return sites.reduce(withSite, uses);
}

function withSite(uses: readonly ImageInUse[], site: SiteFact): readonly ImageInUse[] {
  const of = valuesKey(site.key);
  const set = { path: site.path, line: site.line };
  const at = uses.findIndex((use) => use.of === of);
  const index =
    at === -1 && set.path !== uses.at(-1)?.set.path
      ? uses.findIndex(({ image }) => image !== undefined && image === site.image)
      : at;
  const known = uses[index];
  if (known === undefined) return [...uses, { image: site.image, version: site.version, of, set }];
  return uses.with(index, { image: site.image ?? known.image, version: site.version, of: known.of, set });
}

/** The way to a value as the chart sees it: without where a HelmRelease or an Application keeps its values. */
export function valuesKey(key: string): string {
  return key.replace(/^(?:.*?\.)?(?:values|valuesObject|valuesInline|parameters)(?:\.|(?=\[))/, "");
}
