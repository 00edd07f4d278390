import { peek } from "../../yaml/look.ts";
import type { Tree } from "../../yaml/tree.ts";
import { itemsAt, textAt } from "../services/node.ts";
import { copyInto, copyOf, type Copy } from "./copied.ts";
import { selectorFor, type Copies, type Offer } from "./copies.ts";
import { found, writtenIn, type Ground, type Place, type Written } from "./ground.ts";
import { referenceOf } from "./ref.ts";
import { isWritten, nodesAt, replacementsIn, type FieldPath, type Selector } from "./replacement.ts";
import { GENERATORS } from "./scope.ts";
import type { Span } from "./site.ts";

/** A text that something else may copy into an image, where it is written. */
type Offered = Offer & { readonly written: Written; readonly place: Place };

/** Reads, of a document, the texts that become images only elsewhere: literals of generators, data of ConfigMaps, values of replacements. */
export function readOffered(ground: Ground, tree: Tree, copies: Copies): void {
  if (tree.kind === "map" && GENERATORS.some(({ key }) => peek(tree, [key]) !== undefined))
    readGenerated(ground, tree, copies);
  readValues(ground, tree, copies);
  if (!isOffering(tree)) return;
  const own: Ground = isLocal(tree) ? ground : { ...ground, kind: "substitution" };
  for (const one of fieldsOf(own, tree)) readOne(own, one, copies);
}

// Objects that are there to be copied from.
function isOffering(tree: Tree): boolean {
  const kind = textAt(tree, ["kind"]);
  if (kind === "ConfigMap" || kind === "Secret" || isLocal(tree)) return true;
  return kind === "Kustomization" && peek(tree, ["spec", "postBuild", "substitute"]) !== undefined;
}

function isLocal(tree: Tree): boolean {
  return peek(tree, ["metadata", "annotations", "config.kubernetes.io/local-config"]) !== undefined;
}

function readGenerated(ground: Ground, tree: Tree, copies: Copies): void {
  const lists = GENERATORS.flatMap(({ key, kind }) =>
    itemsAt(tree, [key]).map((generator, index) => {
      const up: Place = { up: { up: undefined, key, of: tree }, key: index, of: peek(tree, [key]) ?? tree };
      return { kind, generator, place: { up, key: "literals", of: generator } };
    }),
  );
  for (const { kind, generator, place } of lists) {
    for (const [key, item] of itemsAt(generator, ["literals"]).slice(0, MOST).entries()) {
      const literal = literalIn(writtenIn(ground, item));
      const at: Place = { up: place, key, of: peek(generator, ["literals"]) ?? generator };
      if (literal !== undefined) readOne(ground, { ...generated(kind, generator, literal), place: at }, copies);
    }
  }
}

/** A variable with its value. */
export type Literal = { readonly key: string; readonly written: Written };

function literalIn(whole: Written | undefined): Literal | undefined {
  const [all, key, quote = ""] = /^([\w.-]+)=(["']?)/.exec(whole?.text ?? "") ?? [];
  if (whole === undefined || all === undefined || key === undefined) return undefined;
  const isQuoted = quote !== "" && whole.text.endsWith(quote) && whole.text.length > all.length;
  const [start, end] = isQuoted ? [all.length, whole.text.length - 1] : [all.length - quote.length, whole.text.length];
  const text = whole.text.slice(start, end);
  return { key, written: { text, start: whole.start + start, end: whole.start + end, style: whole.style } };
}

function generated(kind: string, generator: Tree, { key, written }: Literal): Omit<Offered, "place"> {
  const object: Selector = { kind, name: textAt(generator, ["name"]), namespace: textAt(generator, ["namespace"]) };
  const is: Offer["is"] = ([field, name, more]) => field === "data" && name === key && more === undefined;
  return { object, is, text: written.text, written };
}

/** Reads a variable of a file that generators make objects of. */
export function readVariable(ground: Ground, literal: Literal, place: Place, copies: Copies): void {
  const objects = copies.generators().map(({ kind, tree }) => ({ ...generated(kind, tree, literal), place }));
  objects.find((one) => readOne(ground, one, copies));
}

const MOST = 1_000;

/** The texts of an object with their places. */
function fieldsOf(ground: Ground, tree: Tree): readonly Offered[] {
  const offered: Offered[] = [];
  const object = selectorFor(tree);
  const known = new Map<string, ReadonlySet<Tree>>();
  const nodes = (path: FieldPath): ReadonlySet<Tree> => {
    const key = path.join("\n");
    const at = known.get(key) ?? new Set(nodesAt(tree, path));
    known.set(key, at);
    return at;
  };
  const add = (node: Tree, place: Place | undefined): void => {
    if (offered.length > MOST) return;
    if (node.kind === "map") for (const { key, value } of node.entries) add(value, { up: place, key, of: node });
    if (node.kind === "list") for (const [key, item] of node.items.entries()) add(item, { up: place, key, of: node });
    const written = place === undefined ? undefined : writtenIn(ground, node);
    if (written === undefined || place === undefined) return;
    offered.push({ object, is: (path) => nodes(path).has(node), text: written.text, written, place });
  };
  add(tree, undefined);
  return offered;
}

/** Reads what replacements say themselves: `sourceValue`. */
function readValues(ground: Ground, tree: Tree, copies: Copies): void {
  const list = peek(tree, ["replacements"]) ?? tree;
  const up: Place | undefined = list === tree ? undefined : { up: undefined, key: "replacements", of: tree };
  const items: readonly { readonly item: Tree; readonly up: Place | undefined }[] =
    list.kind === "list" ? list.items.map((item, key) => ({ item, up: { up, key, of: list } })) : [{ item: list, up }];
  for (const { item, up: above } of items) {
    for (const { source, targets } of replacementsIn(item)) {
      if (item.kind !== "map" || !isWritten(source)) continue;
      const written = writtenIn(ground, source);
      const copy = written === undefined ? undefined : copyInto(written.text, targets, copies);
      const place: Place = { up: above, key: "sourceValue", of: item };
      if (written !== undefined && copy !== undefined) foundCopy(ground, place, written, { ...copy, at: 0 });
    }
  }
}

const LONGEST = 512;

function readOne(ground: Ground, one: Offered, copies: Copies): boolean {
  if (one.text.length > LONGEST || one.text.trim() === "") return false;
  const copy = copyOf(one, copies);
  if (copy !== undefined) foundCopy(ground, one.place, one.written, copy);
  return copy !== undefined;
}

function foundCopy(ground: Ground, place: Place, written: Written, { image, holds, text, at }: Copy): void {
  const start = written.start + at;
  const spans: readonly Span[] = [{ start, end: start + text.length, holds, style: written.style }];
  const version = holds === "reference" ? (referenceOf(text)?.version ?? text) : text;
  const { sites } = ground.finds;
  const known = sites.findIndex((site) =>
    site.spans.some((span) => span.start < start + text.length && start < span.end),
  );
  const old = sites[known];
  if (old === undefined) found(ground, place, { image, version, spans });
  // What is known of the place by its key alone, and where it goes says more.
  else if (old.image === undefined && old.version === version) sites[known] = { ...old, image };
}
