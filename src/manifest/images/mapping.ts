import type { Entry, Mapping, Tree } from "../../yaml/tree.ts";
import { keyAbove, keyMeaning, writtenIn, type Ground, type Place } from "./ground.ts";
import { isAboutImage } from "./keys.ts";
import { isWhole, readMarked, readReference } from "./reference.ts";
import type { Said } from "./said.ts";
import { readDigest, readVersion } from "./version.ts";

/** Reads the images that a mapping writes: whole references, and versions beside or under a name. */
export function readMapping(ground: Ground, mapping: Mapping, place: Place | undefined): void {
  const above = keyAbove(place);
  const group = groupOf(above, place);
  const takesAll = ground.finds.isMarked || isAboutImage(group);
  if (!takesAll && !mapping.entries.some((entry) => canHold(ground, entry, mapping))) return;
  const said = mapping.entries
    .filter(
      ({ key, value }) =>
        isValue(value) && (takesAll || key === "hub" || key === "name" || keyMeaning(ground, key).says !== "nothing"),
    )
    .map(({ key, value }): Said => ({
      ...keyMeaning(ground, key),
      key,
      node: value,
      place: { up: place, key, of: mapping },
    }));
  readSaid(ground, said, isImageStream(mapping) ? "image" : above, group);
}

// `images: {web: {name: acme/web, version: 1.2.3}}`: each is an image, whatever it is called.
function groupOf(above: string, place: Place | undefined): string {
  return place !== undefined && typeof place.key === "string" && keyAbove(place.up) === "images" ? "images" : above;
}

function canHold(ground: Ground, { key, value }: Entry, mapping: Mapping): boolean {
  if (!isValue(value)) return false;
  switch (keyMeaning(ground, key).says) {
    case "image":
    case "perhaps":
    case "tag":
    case "digest":
    case "version":
      return true;
    default:
      return key === "name" && isImageStream(mapping);
  }
}

function isValue({ kind }: Tree): boolean {
  return kind === "scalar" || kind === "alias";
}

// OpenShift's reference to an image: `{kind: DockerImage, name: registry/app:1}`.
function isImageStream({ entries }: Mapping): boolean {
  return entries.some(({ key, value }) => key === "kind" && value.kind === "scalar" && value.value === "DockerImage");
}

/** Reads what belongs together, such as the entries of one mapping; `above` is the key that they stand under, `group` the one that says what they are. */
export function readSaid(ground: Ground, said: readonly Said[], above: string, group = above): void {
  const rest = said.filter((one) => !readMarked(ground, one, said) && !readWhole(ground, one, above));
  const digests = rest.filter(({ says }) => says === "digest");
  const tags = rest.filter(({ says }) => says === "tag" || says === "version");
  for (const tag of tags) {
    const digest = digests.find((one) => isBeside(ground, one, tag));
    readVersion(ground, tag, { said, above: group, digest });
  }
  for (const digest of digests) {
    if (!tags.some((tag) => isBeside(ground, digest, tag))) readDigest(ground, digest, { said, above: group });
  }
}

function readWhole(ground: Ground, one: Said, above: string): boolean {
  const canBe = one.says === "perhaps" || (isAboutImage(above) && (one.says === "nothing" || one.says === "name"));
  if (one.says !== "image" && !(canBe && isWhole(ground, one.node))) return false;
  readReference(ground, one);
  return true;
}

// A tag that has a digest in it already is a version of its own.
function isBeside(ground: Ground, digest: Said, tag: Said): boolean {
  if (tag.says !== "tag" || tag.about !== digest.about) return false;
  return writtenIn(ground, tag.node)?.text.includes("@") !== true;
}
