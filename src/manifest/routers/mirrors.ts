import type { Manifest } from "../../core/manifest.ts";
import { err, ok, type Result } from "../../core/result.ts";
import { lookCount, peek, type YamlPath } from "../../yaml/look.ts";
import { refuse, type Refusal, type TextFile } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Data } from "../data.ts";
import type { Draft } from "../edit.ts";
import { insertKey } from "../insert.ts";
import { set } from "../scalar.ts";
import type { Naming } from "./list-kind.ts";
import type { RouteOf, Router } from "./router.ts";

type Keys = readonly string[];

/** How a kind of rule says to whom it sends copies of its requests, and of how many of them. A percentage of 0 means of none. */
export type MirrorKind = {
  /** The key of a list of which each item may be a mirror; the rule itself is one where there is none. */
  readonly each?: string;
  /** The keys to whom it means, and to its percentage; all requests are copied where there is none. */
  readonly to: Keys;
  readonly percent: Keys;
  /** The keys to other ways of saying how many, which are read nowhere. */
  readonly instead: readonly Keys[];
  /** How whom it means is named, where that is not as in backends. */
  readonly namings?: readonly [Naming, ...Naming[]];
  readonly subset?: Keys;
};

/** A mirror to the canary: where its percentage stands, or would behind the key `behind`, and where it begins in the file. */
export type Mirror = Place & { readonly document: number };

type Place = {
  readonly path: YamlPath;
  readonly behind: string;
  readonly instead: readonly YamlPath[];
  readonly at: number;
};

const WHOLE = 100;

/** The places of a rule's mirrors of one kind, whomever they mean, and where they say whom. */
export function mirrorPlaces(
  { each, to, percent, instead }: MirrorKind,
  tree: Tree,
  rule: YamlPath,
): readonly (Place & { readonly to: YamlPath })[] {
  const bases = each === undefined ? [rule] : itemsAt(tree, [...rule, each]);
  return bases.flatMap((base) => {
    const under = (keys: Keys) => [...base, ...keys];
    const node = peek(tree, under(to));
    if (node === undefined) return [];
    return [
      { to: under(to), path: under(percent), behind: to.at(-1) ?? "", instead: instead.map(under), at: node.start },
    ];
  });
}

function itemsAt(tree: Tree, list: YamlPath): readonly YamlPath[] {
  const node = peek(tree, list);
  return node?.kind === "list" ? node.items.map((_, index) => [...list, index]) : [];
}

/** Of how many per cent of the requests they send copies; undefined where there are none. Throws Refused where they do not agree, or one does not say it in whole per cent. */
export function percentOf(source: Source, mirrors: readonly Mirror[], canary: string): number | undefined {
  const [first, ...others] = mirrors.map((mirror) => ({ ...mirror, percent: percentAt(source, mirror) }));
  const other = others.find(({ percent }) => percent !== first?.percent);
  if (first === undefined || other === undefined) return first?.percent;
  const differs = `a mirror of ${other.percent}% to ${canary} and another one of ${first.percent}%`;
  return refuse(source, other.at, differs, "every mirror to it has the same percentage");
}

function percentAt(source: Source, mirror: Mirror): number {
  const tree = treeOf(source, mirror);
  return (tree && lookCount(source, tree, mirror.path, WHOLE)) ?? WHOLE;
}

/** Its document. Throws Refused where a mirror says its percentage in another way. */
function treeOf(source: Source, { document, path, instead, at }: Mirror): Tree | undefined {
  const tree = source.documents[document];
  const other = tree && instead.find((one) => peek(tree, one) !== undefined);
  if (other === undefined) return tree;
  const keys = path.slice(path.findLastIndex((key) => typeof key === "number") + 1);
  return refuse(
    source,
    at,
    `the key ${other.at(-1)}`,
    `the percentage of a mirror to the canary is written as ${keys.join(".")}`,
  );
}

/** The draft with all of them at one percentage, which is added where it is not written and not all are to be copied. */
export function setMirrors(source: Source, draft: Draft, mirrors: readonly Mirror[], percent: number): Draft {
  return mirrors.reduce((before, mirror) => setMirrorAt(source, before, mirror, percent), draft);
}

function setMirrorAt(source: Source, draft: Draft, mirror: Mirror, percent: number): Draft {
  const { document, path, behind } = mirror;
  const tree = treeOf(source, mirror);
  const depth = path.findIndex((_, index) => peek(tree, path.slice(0, index + 1)) === undefined);
  if (depth === -1) return set(source, draft, { document, path, value: percent });
  if (percent === WHOLE) return draft;
  const value = path.slice(depth + 1).reduceRight<Data>((inner, key) => ({ [key]: inner }), percent);
  const slot = { kind: "after", keys: [behind] } as const;
  return insertKey(source, draft, { document, path: path.slice(0, depth) }, { key: String(path[depth]), value, slot });
}

/** What a route says of copies; nothing where it has no mirror to the canary. */
export function readMirror({ mirror }: Router, file: TextFile, of: RouteOf): Result<Pick<Manifest, "mirror">, Refusal> {
  const read = mirror?.read(file, of) ?? ok(undefined);
  if (read.kind === "err") return read;
  return ok(read.value === undefined ? {} : { mirror: read.value });
}

/** The text of a route that sends copies of so many per cent of the requests to the canary, and nothing else. */
export function setMirror(router: Router, file: TextFile, of: RouteOf, percent: number): Result<string, Refusal> {
  const why = "no mirrors are known of this kind of route";
  return router.mirror?.set(file, of, percent) ?? err({ path: file.path, line: 1, found: "a route", why });
}
