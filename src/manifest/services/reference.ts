/** An image as a manifest names it; `version` is undefined where neither tag nor digest is written. */
export type Reference = { readonly image: string; readonly version: string | undefined };

const NAME = /^[\w][\w.:/-]*$/;

/** Name and version of an image reference; undefined for what is none: templates, variables, empty text. */
export function referenceOf(text: string): Reference | undefined {
  const [named = "", digest] = text.split("@", 2);
  const colon = named.indexOf(":", named.lastIndexOf("/") + 1);
  const image = colon === -1 ? named : named.slice(0, colon);
  const tag = colon === -1 ? undefined : named.slice(colon + 1);
  if (!NAME.test(image) || image.length > LONGEST || tag === "") return undefined;
  if (tag !== undefined && !/^[\w][\w.-]{0,127}$/.test(tag)) return undefined;
  if (digest !== undefined && !/^[a-z0-9]+:[0-9a-f]{32,128}$/.test(digest)) return undefined;
  return { image, version: versionFrom(tag, digest) };
}

const LONGEST = 512;

/** `tag@digest`, either alone, or neither. */
export function versionFrom(tag: string | undefined, digest: string | undefined): string | undefined {
  if (tag === undefined || digest === undefined) return tag ?? digest;
  return `${tag}@${digest}`;
}

/** The last name of an image's repository. */
export function imageBase(image: string): string {
  return image.slice(image.lastIndexOf("/") + 1);
}
