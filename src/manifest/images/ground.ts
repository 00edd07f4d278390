import type { TextFile } from "../../yaml/refusal.ts";
import type { List, Mapping, Scalar, Style, Tree } from "../../yaml/tree.ts";
import type { Copies } from "./copies.ts";
import { meaningOf, type KeyMeaning } from "./keys.ts";
import { referenceOf } from "./ref.ts";
import type { ImageReading, ImageSite, SiteKind, Span } from "./site.ts";

/** Where a walk through a document stands: the keys and positions back to its root. */
export type Place = {
  readonly up: Place | undefined;
  readonly key: string | number;
  readonly of: Tree;
};

/**
 * What a walk knows of where it is. `trust` says how much a bare `tag` is worth: in values it is an image's, in a manifest it takes evidence,
 * and in a file that is neither it must look like the name of a build.
 * `base` is the offset in the file of the piece of text that the trees are of.
 */
export type Ground = {
  readonly file: TextFile;
  readonly base: number;
  readonly kind: SiteKind;
  readonly trust: "values" | "plain" | "manifest";
  /** The object, and for text inside of text the way there. */
  readonly object: string;
  readonly finds: Finds;
  /** What is copied from this file into images elsewhere. */
  readonly copies: Copies;
  /** Reads the documents of a text within the text. */
  readonly enter: (inner: Ground, documents: readonly Tree[]) => void;
};

/** A site without its line, found in whatever order. */
export type Find = Omit<ImageSite, "path" | "line">;

/** What has been found so far, and what is remembered on the way. */
export type Finds = {
  readonly sites: Find[];
  readonly unread: { readonly at: number; readonly found: string; readonly why: string }[];
  readonly meanings: Map<string, KeyMeaning>;
  readonly names: Map<List, readonly string[]>;
  /** Whether any line of the file says which policy of Flux sets it. */
  readonly isMarked: boolean;
};

export function emptyFinds(text: string): Finds {
  return { sites: [], unread: [], meanings: new Map(), names: new Map(), isMarked: text.includes('"$imagepolicy"') };
}

/** What a key says, remembered: the same few keys come again and again. */
export function keyMeaning({ finds }: Ground, key: string): KeyMeaning {
  const known = finds.meanings.get(key);
  if (known !== undefined) return known;
  const meaning = meaningOf(key);
  finds.meanings.set(key, meaning);
  return meaning;
}

/** The text of a scalar as it is written, and where in the file: numbers and truth values are text as well. */
export type Written = { readonly text: string; readonly start: number; readonly end: number; readonly style: Style };

/** Undefined where what is written is not what is meant: nothing, several lines, escaped characters. */
export function writtenIn({ file, base }: Ground, node: Tree | undefined): Written | undefined {
  if (node?.kind !== "scalar" || node.oddity === "a tag" || node.value === null) return undefined;
  const [start, end] = [base + node.start, base + node.end];
  if (node.style === "block") return lineOfBlock(file, node, start, end);
  const edge = node.style === "plain" ? 0 : 1;
  const text = file.text.slice(start + edge, end - edge);
  const meant = node.style === "plain" ? node.source : node.value;
  if (text === "" || text !== meant) return undefined;
  return { text, start: start + edge, end: end - edge, style: node.style };
}

function lineOfBlock({ text }: TextFile, { value }: Scalar, start: number, end: number): Written | undefined {
  const content = String(value).trim();
  if (content === "" || content.includes("\n")) return undefined;
  const within = text.slice(start, end);
  const at = within.indexOf(content, within.indexOf("\n"));
  if (at === -1) return undefined;
  return { text: content, start: start + at, end: start + at + content.length, style: "block" };
}

/** A part of what is written, by its offset and length there. */
export function spanOf(written: Written, holds: Span["holds"]): Span {
  return { start: written.start, end: written.end, holds, style: written.style };
}

/** Adds a site; spans in the order of the text. */
export function found(ground: Ground, place: Place, site: Pick<Find, "image" | "version" | "spans">): void {
  const where = `${ground.object} ${whereOf(ground, place)}`.trim();
  ground.finds.sites.push({ where, kind: ground.kind, ...site });
}

/** Adds what looks like an image and is left alone. */
export function leftAlone({ finds }: Ground, at: number, what: string, why: string): void {
  finds.unread.push({ at, found: what, why });
}

/** The nearest key above, positions in lists left out. */
export function keyAbove(place: Place | undefined): string {
  let at = place;
  while (at !== undefined && typeof at.key === "number") at = at.up;
  return typeof at?.key === "string" ? at.key : "";
}

/** The keys to a place, list items by their names: `spec.template.spec.containers[app].image`. */
export function whereOf(ground: Ground, place: Place): string {
  const parts: string[] = [];
  for (let at: Place | undefined = place; at !== undefined; at = at.up) {
    parts.push(typeof at.key === "string" ? at.key : `[${nameOfItem(ground, at.of, at.key)}]`);
  }
  return parts
    .toReversed()
    .reduce((text, part) => (text === "" || part.startsWith("[") ? text + part : `${text}.${part}`), "");
}

function nameOfItem({ finds }: Ground, list: Tree, index: number): string {
  if (list.kind !== "list") return String(index);
  const names = finds.names.get(list) ?? namesOf(list);
  finds.names.set(list, names);
  return names[index] ?? String(index);
}

const NAMING = ["name", "key", "id", "path", "alias"] as const;

function namesOf({ items }: List): readonly string[] {
  const seen = new Map<string, number>();
  return items.map((item, index) => {
    const name = ownName(item) ?? assigned(item) ?? (items.length > 1 ? imageName(item) : undefined) ?? String(index);
    const times = (seen.get(name) ?? 0) + 1;
    seen.set(name, times);
    return times === 1 ? name : `${name}~${times}`;
  });
}

function ownName(item: Tree): string | undefined {
  if (item.kind !== "map") return undefined;
  const metadata = item.entries.find(({ key }) => key === "metadata")?.value;
  if (metadata !== undefined) return ownName(metadata);
  const named = NAMING.map((key) => textAt(item, key)).find((name) => name !== undefined);
  // A name that is an image is the same item when its version is another.
  return named === undefined ? undefined : (referenceOf(named)?.name ?? named);
}

// `KEY=value` and `--flag=value` are called by what is assigned.
function assigned(item: Tree): string | undefined {
  return item.kind === "scalar" ? /^-{0,2}[A-Za-z_][\w.-]*(?==)/.exec(String(item.value))?.[0] : undefined;
}

// Among several without a name, an item is called by its image's, which stays when its version or its registry changes.
function imageName(item: Tree): string | undefined {
  const text = item.kind === "map" ? textAt(item, "image") : item.kind === "scalar" ? String(item.value) : undefined;
  const reference = text === undefined ? undefined : referenceOf(text.slice(text.indexOf("=") + 1));
  return reference?.name.slice(reference.name.lastIndexOf("/") + 1);
}

function textAt({ entries }: Mapping, wanted: string): string | undefined {
  const value = entries.find(({ key }) => key === wanted)?.value;
  return value?.kind === "scalar" && typeof value.value === "string" ? value.value : undefined;
}

/** The sites in the order of the text, each with its line and a name of its own; what overlaps an earlier one is dropped. */
export function reading({ path, text }: TextFile, { sites, unread }: Finds): ImageReading {
  const line = lineCounter(text);
  const seen = new Map<string, number>();
  const placed = withoutOverlaps(sites).map((site) => {
    const times = (seen.get(site.where) ?? 0) + 1;
    seen.set(site.where, times);
    const where = times === 1 ? site.where : `${site.where}~${times}`;
    return { path, line: line(versionStart(site)), ...site, where };
  });
  const left = unread
    .toSorted((a, b) => a.at - b.at)
    .map(({ at, found: what, why }) => ({ path, line: line(at), found: what, why }));
  return { sites: placed, unread: left };
}

function withoutOverlaps(sites: readonly Find[]): readonly Find[] {
  const spans = sites
    .flatMap((site) => site.spans.map((span) => ({ site, span })))
    .toSorted((a, b) => a.span.start - b.span.start);
  const dropped = new Set<Find>();
  let end = -1;
  for (const { site, span } of spans) {
    if (span.start < end) dropped.add(site);
    else if (!dropped.has(site)) end = span.end;
  }
  return sites.filter((site) => !dropped.has(site)).toSorted((a, b) => versionStart(a) - versionStart(b));
}

function versionStart({ spans }: Find): number {
  return spans.find(({ holds }) => holds !== "name")?.start ?? 0;
}

// Offsets come in order, so the text is counted once.
function lineCounter(text: string): (offset: number) => number {
  let line = 1;
  let at = 0;
  return (offset) => {
    if (offset < at) [line, at] = [1, 0];
    for (let next = text.indexOf("\n", at); next !== -1 && next < offset; next = text.indexOf("\n", at)) {
      line += 1;
      at = next + 1;
    }
    return line;
  };
}
