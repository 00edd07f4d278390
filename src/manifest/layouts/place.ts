import { isImage, partsOf, type Image } from "../../core/image.ts";
import type { Result } from "../../core/result.ts";
import type { ImagePlace, Place } from "../../core/state.ts";
import { lookCount, peekText, type YamlPath } from "../../yaml/look.ts";
import { attempt, quote, refuse, Refused, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import { readSource, type Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import { edited, NO_EDIT } from "../edit.ts";
import { readImages } from "../images/read.ts";
import { setImageAt } from "../images/set.ts";
import type { ImageSite, Span, Surroundings } from "../images/site.ts";
import { set } from "../scalar.ts";
import { respell } from "../span.ts";

/** The image at a place: its repository as the place says it, else as the file does. Refused where the place is not there, or is there twice. */
export function readImageAt(file: TextFile, place: ImagePlace): Result<Image, Refusal> {
  return attempt(() => imageOf(file, place, siteAt(file, place)));
}

/** The text with the image at a place set. Its repository is written where the place can hold it; refused where it would have to be and cannot. */
export function setImageTo(file: TextFile, place: ImagePlace, image: Image): Result<string, Refusal> {
  return attempt(() => {
    const site = siteAt(file, place);
    const { name, version } = wordsOf(image);
    if (imageOf(file, place, site) === image) return file.text;
    if ((place.image ?? site.image) === name) return must(setImageAt(file, site, version));
    const text = renamed(file, place, site, image);
    const moved = { path: file.path, text };
    return isWhole(site) ? text : must(setImageAt(moved, siteAt(moved, place), version));
  });
}

/** The whole number at a place, at least 0 and at most `most`. */
export function readCountAt(file: TextFile, place: Place, most: number): Result<number, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    return countOf(source, place, scalarAt(source, place), most);
  });
}

/** The text with the whole number at a place set; refused where there is none. */
export function setCountTo(file: TextFile, place: Place, count: number, most: number): Result<string, Refusal> {
  return attempt(() => {
    const source = readSource(file);
    const found = scalarAt(source, place);
    countOf(source, place, found, most);
    return edited(source, set(source, NO_EDIT, { ...found, value: count }));
  });
}

// Nothing but the file itself: what it says must not depend on which other files were at hand.
const ALONE: Surroundings = { read: () => undefined, list: () => [] };

function siteAt(file: TextFile, { at }: Place): ImageSite {
  const [site, second] = readImages(file, ALONE).sites.filter(({ where }) => bare(where) === bare(at));
  if (site === undefined) return refuse(file, 0, `no image at ${at}`, "the service's state says that it is there");
  return second === undefined ? site : twice(file, second.spans[0]?.start ?? 0, at);
}

// A kustomization has no name, and may say its kind or not.
function bare(at: string): string {
  return at.replace(/^Kustomization (?!\S+ )/, "");
}

function imageOf(file: TextFile, place: ImagePlace, { image, version, spans }: ImageSite): Image {
  const name = place.image ?? image;
  const start = spans[0]?.start ?? 0;
  if (name === undefined)
    return refuse(file, start, quote(version), "the service's state says of which image that is the version");
  const whole = `${name}${isDigest(version) ? "@" : ":"}${version}`;
  return isImage(whole)
    ? whole
    : refuse(file, start, quote(whole), "an image has a tag or a digest and is no template");
}

function wordsOf(image: Image): { readonly name: string; readonly version: string } {
  const name = partsOf(image)?.name ?? image;
  return { name, version: image.slice(name.length + 1) };
}

function isDigest(version: string): boolean {
  return /^[a-z0-9]+:/.test(version);
}

function isWhole({ spans: [first, second] }: ImageSite): boolean {
  return first?.holds === "reference" && second === undefined;
}

/** The text with another repository: the whole reference, or the one value that holds the name. */
function renamed(file: TextFile, place: ImagePlace, site: ImageSite, image: Image): string {
  const { name } = wordsOf(image);
  const spans = site.spans.filter(({ holds }) => holds === "name" || holds === "reference");
  const [span, second] = spans;
  const words = span?.holds === "reference" ? image : name;
  if (place.image === undefined && second === undefined && span !== undefined && saysName(file, span, site))
    return respell(file, [{ start: span.start, end: span.end, text: words }], site.kind === "env" ? "lines" : "yaml");
  const why = `${place.at} holds a version alone, and the image of the other arm is another`;
  return refuse(file, site.spans[0]?.start ?? 0, quote(name), why);
}

// The name of an entry under `images:` is what it replaces, not what it gives.
function saysName({ text }: TextFile, { start, end, holds }: Span, { image, kind }: ImageSite): boolean {
  if (holds === "reference") return true;
  const line = text.slice(text.lastIndexOf("\n", start) + 1, start);
  return text.slice(start, end) === image && (kind !== "kustomization" || /\bnewName:\s*["']?$/.test(line));
}

/** Where a scalar is: its document, and the keys and positions that lead to it. */
type Spot = { readonly document: number; readonly path: YamlPath };

function scalarAt(source: Source, { at }: Place): Spot {
  const found = source.documents.flatMap((tree, document) =>
    pathsTo(tree, bare(at), objectName(tree), []).map((path) => ({ document, path })),
  );
  const [spot, second] = found;
  if (spot === undefined) return refuse(source, 0, `nothing at ${at}`, "the service's state says that it is there");
  return second === undefined ? spot : twice(source, source.documents[second.document]?.start ?? 0, at);
}

// As images are called by where they are.
function objectName(tree: Tree): string {
  const [kind, name] = [peekText(tree, ["kind"]), peekText(tree, ["metadata", "name"])];
  const namespace = peekText(tree, ["metadata", "namespace"]);
  if (kind === undefined || name === undefined) return "";
  return `${kind} ${namespace === undefined ? name : `${namespace}/${name}`} `;
}

/** Every path below a node that is called so: keys joined by dots, items of lists by their names, else their positions. */
function pathsTo(tree: Tree, wanted: string, here: string, path: YamlPath): readonly YamlPath[] {
  if (tree.kind === "scalar") return here === wanted ? [path] : [];
  // No longer name begins as this one does.
  if (tree.kind === "alias" || !wanted.startsWith(here)) return [];
  const joint = here === "" || here.endsWith(" ") ? "" : ".";
  if (tree.kind === "map")
    return tree.entries.flatMap(({ key, value }) => pathsTo(value, wanted, `${here}${joint}${key}`, [...path, key]));
  return tree.items.flatMap((item, index) =>
    pathsTo(item, wanted, `${here}[${peekText(item, ["name"]) ?? index}]`, [...path, index]),
  );
}

function countOf(source: Source, { at }: Place, { document, path }: Spot, most: number): number {
  const tree = source.documents[document];
  const count = tree === undefined ? undefined : lookCount(source, tree, path, most);
  return count ?? refuse(source, tree?.start ?? 0, `nothing at ${at}`, "there must be a number to replace");
}

function twice(file: TextFile, at: number, place: string): never {
  return refuse(file, at, `${place} again`, "a place is there once");
}

function must(result: Result<string, Refusal>): string {
  if (result.kind === "ok") return result.value;
  throw new Refused(result.error);
}
