import type { Entry, Mapping, Tree } from "../../yaml/tree.ts";
import {
  found,
  keyAbove,
  keyMeaning,
  leftAlone,
  spanOf,
  writtenIn,
  type Ground,
  type Place,
  type Written,
} from "./ground.ts";
import { isAboutImage, isAboutSource, type KeyMeaning } from "./keys.ts";
import { markedAs } from "./marker.ts";
import {
  blockedBy,
  defaultedReference,
  isDigest,
  isRepository,
  isVersion,
  looksBuilt,
  looksVersioned,
  referenceOf,
} from "./ref.ts";
import type { Span } from "./site.ts";

/** A scalar of a mapping and what its key says of it. */
export type Said = KeyMeaning & { readonly key: string; readonly node: Tree; readonly place: Place };

/** Reads the images that a mapping writes: whole references, and versions beside or under a name. */
export function readMapping(ground: Ground, mapping: Mapping, place: Place | undefined): void {
  let said: Said[] | undefined;
  for (const entry of mapping.entries) {
    if (entry.value.kind === "map" || entry.value.kind === "list") continue;
    const meaning = keyMeaning(ground, entry.key);
    if (
      meaning.says === "nothing" &&
      !ground.finds.isMarked &&
      entry.key !== "name" &&
      entry.key !== "reference" &&
      entry.key !== "hub"
    )
      continue;
    said ??= [];
    said.push(saidBy(meaning, entry, mapping, place));
  }
  if (said !== undefined) readSaid(ground, said, keyAbove(place));
}

function saidBy(meaning: KeyMeaning, { key, value }: Entry, of: Mapping, up: Place | undefined): Said {
  return { ...meaning, key, node: value, place: { up, key, of } };
}

/** Reads what belongs together, such as the entries of one mapping; `above` is the key that they stand under. */
export function readSaid(ground: Ground, said: readonly Said[], above: string): void {
  const digests: Said[] = [];
  const tags: Said[] = [];
  for (const one of said) {
    if (readMarked(ground, one, said)) continue;
    const inImage = isAboutImage(above) && (one.key === "reference" || one.key === "name" || one.says === "name");
    if (one.says === "image" || (inImage && isWhole(ground, one.node))) readReference(ground, one);
    else if (one.says === "digest") digests.push(one);
    else if (one.says === "tag" || one.says === "version") tags.push(one);
  }
  const [lone, beside] = [digests.filter((one) => besideTag(ground, one, tags) === undefined), digests];
  for (const tag of tags)
    readVersion(ground, tag, {
      said,
      above,
      digest: beside.find((one) => besideTag(ground, one, [tag]) !== undefined),
    });
  for (const digest of lone) readDigest(ground, digest, { said, above });
}

// A tag that has a digest in it already is a version of its own.
function besideTag(ground: Ground, digest: Said, tags: readonly Said[]): Said | undefined {
  return tags.find(
    (tag) =>
      tag.says === "tag" && tag.about === digest.about && writtenIn(ground, tag.node)?.text.includes("@") !== true,
  );
}

function isWhole(ground: Ground, node: Tree): boolean {
  const written = writtenIn(ground, node);
  return written !== undefined && referenceOf(written.text) !== undefined;
}

/** Reads the reference that a scalar holds; one that is a template or a variable is left alone. */
export function readReference(ground: Ground, { node, place }: Said): void {
  if (node.kind === "alias")
    return leftAlone(ground, ground.base + node.start, "an alias", "the image is written where its anchor is");
  const written = writtenIn(ground, node);
  if (written === undefined) return;
  const reference =
    referenceOf(written.text) ?? (ground.kind === "compose" ? defaultedReference(written.text) : undefined);
  if (reference !== undefined) return foundReference(ground, place, written, reference);
  const blocked = blockedBy(written.text);
  if (blocked !== undefined) leftAlone(ground, written.start, blocked, "the image's version is written elsewhere");
}

function foundReference(
  ground: Ground,
  place: Place,
  written: Written,
  { name, version, at }: { name: string; version: string; at: number },
): void {
  const whole = at === name.length + 1;
  const start = written.start + (whole ? 0 : at);
  const end = written.start + at + version.length;
  const holds = whole ? "reference" : "tag";
  found(ground, place, { image: name, version, spans: [{ start, end, holds, style: written.style }] });
}

type Beside = { readonly said: readonly Said[]; readonly above: string; readonly digest?: Said | undefined };

function readVersion(ground: Ground, one: Said, beside: Beside): void {
  const written = writtenIn(ground, one.node);
  if (written === undefined) return digestOnly(ground, beside);
  const blocked = blockedBy(written.text);
  if (blocked !== undefined) {
    if (one.ofImage || isAboutImage(beside.above))
      leftAlone(ground, written.start, blocked, "the image's version is written elsewhere");
    return digestOnly(ground, beside);
  }
  if (!isVersion(written.text) || !isTrusted(ground, one, written.text, beside)) return digestOnly(ground, beside);
  const digest = beside.digest === undefined ? undefined : digestIn(ground, beside.digest);
  const { image, name } = imageOf(ground, one, beside);
  const spans = [
    spanOf(written, "tag"),
    ...(digest === undefined ? [] : [digest.span]),
    ...(name === undefined ? [] : [name]),
  ];
  const version = digest === undefined ? written.text : `${written.text}@${digest.text}`;
  found(ground, one.place, { image, version, spans: spans.toSorted((a, b) => a.start - b.start) });
}

function digestOnly(ground: Ground, beside: Beside): void {
  if (beside.digest !== undefined) readDigest(ground, beside.digest, { said: beside.said, above: beside.above });
}

function readDigest(ground: Ground, one: Said, beside: Beside): void {
  const digest = digestIn(ground, one);
  if (digest === undefined) return;
  const { image, name } = imageOf(ground, one, beside);
  if (!one.ofImage && !isAboutImage(beside.above) && image === undefined) return;
  const spans = [digest.span, ...(name === undefined ? [] : [name])];
  found(ground, one.place, { image, version: digest.text, spans: spans.toSorted((a, b) => a.start - b.start) });
}

// Some charts write a digest without its algorithm, which is then SHA-256.
function digestIn(ground: Ground, { node }: Said): { readonly text: string; readonly span: Span } | undefined {
  const written = writtenIn(ground, node);
  if (written === undefined || !isDigest(written.text)) return undefined;
  const text = written.text.includes(":") ? written.text : `sha256:${written.text}`;
  return { text, span: spanOf(written, "digest") };
}

/** Whether a version is that of an image: by its own key, by what it stands under, or by what stands beside it. */
function isTrusted(ground: Ground, one: Said, text: string, beside: Beside): boolean {
  if (one.says === "tag" && (one.ofImage || isAboutImage(beside.above))) return true;
  if (isAboutSource(beside.above) || isBesideChart(one, beside.said)) return false;
  if (isMarkedTag(ground, one)) return true;
  const { image } = imageOf(ground, one, beside);
  if (image !== undefined) return one.says === "tag" || one.ofImage || !isNamedWhole(ground, one, beside);
  if (one.ofImage) return looksVersioned(text);
  if (ground.trust === "manifest") return false;
  if (one.says === "tag") return looksVersioned(text);
  const isVariable = ground.kind === "substitution" || ground.kind === "env";
  return ((one.about === "" || isVariable) && looksBuilt(text)) || (isAboutImage(beside.above) && looksVersioned(text));
}

function isBesideChart({ about }: Said, said: readonly Said[]): boolean {
  return said.some((one) => one.says === "chart" && one.about === about);
}

// `version` beside a whole reference is what an operator wants to know of it, not the image's version.
function isNamedWhole(ground: Ground, one: Said, { said }: Beside): boolean {
  return said.some(({ says, about, node }) => says === "image" && about === one.about && isWhole(ground, node));
}

/** The image that a version belongs to, with the span of its name where that is written in one place. */
function imageOf(ground: Ground, { about }: Said, { said, above }: Beside): { image: string | undefined; name?: Span } {
  const rank = (one: Said): number => rankOf(one) + (one.about === about ? 0 : 4);
  const mine = said.filter((one) => one.about === about || (one.about === "" && about !== ""));
  const names = mine.filter(
    ({ says, key, about: of }) =>
      says === "image" || says === "name" || (key === "name" && of === "" && isAboutImage(above)) || key === "hub",
  );
  const ranked = names.toSorted((a, b) => rank(a) - rank(b));
  for (const one of ranked) {
    const written = writtenIn(ground, one.node);
    if (written === undefined || !isRepository(written.text)) continue;
    const registry = registryIn(ground, mine);
    if (registry !== undefined) return { image: `${registry}/${written.text}` };
    return { image: written.text, name: spanOf(written, "name") };
  }
  return { image: undefined };
}

function rankOf({ key, says }: Said): number {
  if (key === "newName") return 0;
  return says === "name" ? 1 : says === "image" ? 2 : 3;
}

function registryIn(ground: Ground, said: readonly Said[]): string | undefined {
  const one = said.find(({ says }) => says === "registry");
  const written = one === undefined ? undefined : writtenIn(ground, one.node);
  return written === undefined || blockedBy(written.text) !== undefined ? undefined : written.text.replace(/\/+$/, "");
}

function isMarkedTag(ground: Ground, { node }: Said): boolean {
  const written = ground.finds.isMarked ? writtenIn(ground, node) : undefined;
  return written !== undefined && markedAs(ground, written.end) === "tag";
}

// A comment of Flux's image automation says what the scalar is, whatever its key.
function readMarked(ground: Ground, one: Said, said: readonly Said[]): boolean {
  if (!ground.finds.isMarked || one.says === "chart") return false;
  const written = writtenIn(ground, one.node);
  const marked = written === undefined ? undefined : markedAs(ground, written.end);
  if (written === undefined || marked === undefined || marked === "name") return false;
  if (marked === "reference") {
    const reference = referenceOf(written.text);
    if (reference !== undefined) foundReference(ground, one.place, written, reference);
    return reference !== undefined;
  }
  if (isBesideChart(one, said)) return false;
  if (one.says === "tag" || one.says === "digest" || !isVersion(written.text)) return false;
  found(ground, one.place, { image: undefined, version: written.text, spans: [spanOf(written, marked)] });
  return true;
}
