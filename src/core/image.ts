import type { Brand } from "./brand.ts";

/** A container image reference as a manifest writes it: `registry:port/name:tag@digest`, tag or digest required, never templated. */
export type Image = Brand<string, "Image">;

// The grammar of the distribution specification's reference, without upper-case repository names.
const HOST = "(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]{1,5})?/)?";
const NAME = "[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*";
const TAG = "[A-Za-z0-9_][A-Za-z0-9._-]{0,127}";
const DIGEST = "[a-z0-9]+:[0-9a-f]{32,128}";
const REFERENCE = new RegExp(`^(${HOST}${NAME})(?::(${TAG}))?(?:@(${DIGEST}))?$`);
const LONGEST = 512;

export type ImageParts = {
  readonly name: string;
  readonly tag: string | undefined;
  readonly digest: string | undefined;
};

export function isImage(value: unknown): value is Image {
  return typeof value === "string" && partsOf(value) !== undefined;
}

/** Throws a RangeError on anything that is not a complete image reference. */
export function image(value: string): Image {
  if (!isImage(value)) throw new RangeError(`Not an image reference with a tag or a digest: ${JSON.stringify(value)}.`);
  return value;
}

/** Name, tag and digest; undefined where the text is not a reference or names no version. */
export function partsOf(value: string): ImageParts | undefined {
  if (value.length > LONGEST) return undefined;
  const match = REFERENCE.exec(value);
  if (match?.[1] === undefined) return undefined;
  if (match[2] === undefined && match[3] === undefined) return undefined;
  return { name: match[1], tag: match[2], digest: match[3] };
}

/** Whether people mean this image by a version: its tag, the beginning of its digest (at least six digits), or the whole reference. */
export function matchesVersion(reference: Image, said: string): boolean {
  const parts = partsOf(reference);
  if (said === reference || said === parts?.tag) return true;
  const digits = parts?.digest?.replace(/^[^:]*:/, "") ?? "";
  const wanted = said.replace(/^sha(?:256|512):/, "");
  return wanted.length >= 6 && digits.startsWith(wanted);
}

/** The version as people say it: the tag, or the first twelve digits of the digest. */
export function versionOf(reference: Image): string {
  const parts = partsOf(reference);
  return parts?.tag ?? parts?.digest?.replace(/^[^:]*:/, "").slice(0, 12) ?? reference;
}
