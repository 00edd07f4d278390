import type { Result } from "../src/core/result.ts";
import { readImages } from "../src/manifest/images/read.ts";
import { setImageAt } from "../src/manifest/images/set.ts";
import type { ImageSite, Surroundings } from "../src/manifest/images/site.ts";
import { readWeights } from "../src/manifest/routers/read.ts";
import { setWeightAt } from "../src/manifest/routers/set.ts";
import type { WeightSite } from "../src/manifest/routers/site.ts";
import type { Refusal, TextFile } from "../src/yaml/refusal.ts";
import { otherVersion, otherWeight } from "./edit-other.ts";

/** A place that is read, whatever it holds, and how it is set. */
type Site = {
  readonly what: "image" | "weight";
  readonly line: number;
  readonly where: string;
  readonly says: string;
  /** Offsets of what an edit may touch. */
  readonly parts: readonly { readonly start: number; readonly end: number }[];
  readonly setOther: (file: TextFile) => Result<string, Refusal>;
  readonly setTo: (file: TextFile, site: Site) => Result<string, Refusal>;
  readonly found: ImageSite | WeightSite;
};

/** What became of setting one site to another value and back. */
export type Outcome = {
  readonly path: string;
  readonly what: Site["what"];
  readonly line: number;
  readonly where: string;
  readonly ms: number;
} & (
  | {
      readonly kind: "done";
      readonly isMinimal: boolean;
      readonly isBack: boolean;
      readonly others: "same" | "changed";
    }
  | { readonly kind: "refused"; readonly reason: string }
  | { readonly kind: "crashed"; readonly reason: string }
);

/** Every image and every weight that is read in a file. */
export function sitesOf(file: TextFile, around: Surroundings): readonly Site[] {
  const images = readImages(file, around).sites.map((site) => imageSite(site));
  return [...images, ...readWeights(file).sites.map((site) => weightSite(site))];
}

/** Sets each site of a file to another value and back. */
export function editsOf(file: TextFile, sites: readonly Site[], around: Surroundings): readonly Outcome[] {
  return sites.map((site) => {
    const started = performance.now();
    const place = { path: file.path, what: site.what, line: site.line, where: site.where };
    try {
      const outcome = thereAndBack(file, site, sites, around);
      return { ...place, ...outcome, ms: performance.now() - started };
    } catch (error) {
      return {
        ...place,
        kind: "crashed",
        reason: error instanceof Error ? error.message : String(error),
        ms: performance.now() - started,
      };
    }
  });
}

type Bare<T> = T extends unknown ? Omit<T, "path" | "what" | "line" | "where" | "ms"> : never;

function thereAndBack(file: TextFile, site: Site, sites: readonly Site[], around: Surroundings): Bare<Outcome> {
  const there = site.setOther(file);
  if (there.kind === "err") return { kind: "refused", reason: reasonOf(there.error) };
  const after = { path: file.path, text: there.value };
  const again = sitesOf(after, around);
  const index = sites.indexOf(site);
  const same = again[index];
  const back = same === undefined || again.length !== sites.length ? undefined : site.setTo(after, same);
  const untouched = again.every(
    (other, at) => at === index || (other.where === sites[at]?.where && other.says === sites[at].says),
  );
  return {
    kind: "done",
    isMinimal: isMinimal(file.text, there.value, site),
    isBack: back?.kind === "ok" && back.value === file.text,
    others: untouched ? "same" : "changed",
  };
}

/** Whether exactly the lines that hold the site's scalars are different. */
function isMinimal(before: string, after: string, { parts }: Site): boolean {
  const [old, now] = [before.split("\n"), after.split("\n")];
  if (old.length !== now.length) return false;
  const wanted = new Set(parts.map(({ start }) => before.slice(0, start).split("\n").length - 1));
  return old.every((line, index) => (line !== now[index]) === wanted.has(index));
}

function reasonOf({ found, why }: Refusal): string {
  return `${found}; ${why}`.replaceAll(/"[^"]*"+/g, '"…"').replaceAll(/&\S+/g, "&…");
}

function imageSite(site: ImageSite): Site {
  const parts = site.spans.filter(({ holds }) => holds !== "name");
  return {
    what: "image",
    line: site.line,
    where: site.where,
    says: site.version,
    parts,
    found: site,
    setOther: (file) => setImageAt(file, site, otherVersion(site.version)),
    setTo: (file, { found }) => setImageAt(file, "version" in found ? found : site, site.version),
  };
}

function weightSite(site: WeightSite): Site {
  return {
    what: "weight",
    line: site.line,
    where: site.where,
    says: String(site.weight),
    parts: [site],
    found: site,
    setOther: (file) => setWeightAt(file, site, otherWeight(site.weight)),
    setTo: (file, { found }) => setWeightAt(file, "weight" in found ? found : site, site.weight),
  };
}
