import type { Refusal, TextFile } from "../../yaml/refusal.ts";
import { readImages } from "../images/read.ts";
import type { ImageSite, Surroundings } from "../images/site.ts";

/** A place of an image's version, as far as discovery asks: `key` is the way to it inside its object. */
export type SiteFact = {
  readonly key: string;
  readonly image: string | undefined;
  readonly version: string;
  readonly line: number;
  readonly path: string;
};

// A file's facts must not depend on other files: they are kept for as long as the file stays as it is.
const ALONE: Surroundings = { read: () => undefined, list: () => [] };

/** Places of image versions in a file, and what looks like one and is left alone. */
export function sitesOf(
  file: TextFile,
  around: Surroundings = ALONE,
): { readonly sites: readonly SiteFact[]; readonly unread: readonly Refusal[] } {
  const { sites, unread } = readImages(file, around);
  return { sites: sites.map(siteFact), unread };
}

function siteFact({ path, where, image, version, line }: ImageSite): SiteFact {
  return { key: where.slice(where.lastIndexOf(" ") + 1), image, version, line, path };
}
