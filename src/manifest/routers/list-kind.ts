import { lookList, lookText, pathText, peek, peekText, type YamlPath } from "../../yaml/look.ts";
import { quote } from "../../yaml/refusal.ts";
import type { Source } from "../../yaml/source.ts";
import type { Tree } from "../../yaml/tree.ts";
import type { Resource } from "../resource.ts";
import type { Asks } from "./asking.ts";
import { destinationName } from "./host.ts";
import { mirrorPlaces, type Mirror, type MirrorKind } from "./mirrors.ts";
import type { NameForm } from "./name-form.ts";
import { ARMS, servicesOf, type Arm, type ByArm, type RouteOf } from "./router.ts";
import type { Scale } from "./scale.ts";
import { checkRoutes, ownRoutes, type RouteKinds } from "./routes-in.ts";
import { ruleName, type Backend, type Rule, type RuleKind } from "./split.ts";
import { EACH, type Pattern } from "./spots.ts";

/** Where a backend says whom it means: the name, how it is spelled, and where its namespace stands if it says one. */
export type Naming = { readonly at: Keys; readonly form: NameForm; readonly namespace?: Keys };

type Keys = readonly string[];

/** The text at keys of a backend. Throws Refused where it is none. */
type TextAt = (...keys: readonly string[]) => string | undefined;

/** A kind of object with lists of weighted backends. */
export type ListKind = RouteKinds & {
  /** The ways to the lists of backends. */
  readonly lists: readonly Pattern[];
  /** Of several, the first that a backend has. */
  readonly namings: readonly [Naming, ...Naming[]];
  /** Where a part of what is named is told apart. */
  readonly subset?: Keys;
  /** A backend that does not say whom it means is the one that its object is called after. */
  readonly isNamedByObject?: true;
  /** Whether a backend may be an arm, by its other keys. */
  readonly isWhole?: (text: TextAt, backend: Tree) => boolean;
  /** Whether what stands in the list takes a share at all. */
  readonly isShare?: (item: Tree) => boolean;
  /** The key, beside a list, of another one whose items share the traffic and are no arms. */
  readonly beside?: string;
  /** The key of the weight; `weight` where it is not said. */
  readonly weight?: string;
  readonly behind: readonly string[];
  readonly scale: Scale | ((object: Tree, weights: readonly YamlPath[]) => Scale);
  /** What a weight that is not written counts for beside others; `even`: one, where neither of two is written; else it must be written. */
  readonly missing: number | "even" | "written";
  /** Whether a rule, the last item on the way to its list, is for testers alone; absent where none is. */
  readonly asks?: Asks;
  /** The mirrors that its rules may have; absent where they have none, or none of 0 %. */
  readonly mirrors?: readonly MirrorKind[];
  readonly sum?: number;
};

const WEIGHT = "weight";

/** The rules of such a kind. */
export function listRules(kind: ListKind): RuleKind {
  return {
    behind: kind.behind,
    ...(kind.weight === undefined ? {} : { weight: kind.weight }),
    ...(kind.sum === undefined ? {} : { sum: kind.sum }),
    hasTesters: kind.asks !== undefined,
    hasMirrors: kind.mirrors !== undefined,
    names: (source, of) => namesOf(kind, source, of),
    rules: (source, of) => ownRoutes(source, of, kind).flatMap((object) => rulesOf(kind, source, object, of)),
    checkAny: (source, of) => checkRoutes(source, of, kind),
  };
}

/** What the arms are called. Throws Refused where subsets are asked for and the kind has none. */
function namesOf({ kinds: [called], subset }: ListKind, source: Source, of: RouteOf): ByArm<string> {
  if (of.destinations === undefined || subset === undefined) return servicesOf(source, of, called);
  return { canary: destinationName(of.destinations.canary), stable: destinationName(of.destinations.stable) };
}

/** The rules in one object of such a kind. */
export function rulesOf(kind: ListKind, source: Source, object: Resource, of: RouteOf): readonly Rule[] {
  const { weight: key = WEIGHT } = kind;
  const lists = kind.lists.flatMap((pattern) => pathsTo(source, object.tree, pattern));
  return lists.flatMap((path): readonly Rule[] => {
    const list = lookList(source, object.tree, path);
    if (list === undefined) return [];
    const items = [path, ...besides(kind, path)].flatMap((each) => itemsAt(source, object.tree, each));
    const shares = items.filter(({ item }) => kind.isShare?.(item) ?? true);
    const weights = shares.map(({ at }) => [...at, key]);
    const scale = typeof kind.scale === "function" ? kind.scale(object.tree, weights) : kind.scale;
    const backends = shares.map(({ at }) => backendOf(kind, source, object, { at, of, scale }));
    const own = peek(object.tree, ruleOf(path));
    const isForTesters = own !== undefined && (kind.asks?.(own) ?? false);
    const rule = { at: list.start, called: calledIn(object, path), backends, scale, isForTesters };
    const mirrors = () => mirrorsIn(kind, source, object, { rule: ruleOf(path), of });
    return [{ ...rule, missing: missingIn(kind, backends), mirrors }];
  });
}

type RuleAt = { readonly rule: YamlPath; readonly of: RouteOf };

function mirrorsIn(kind: ListKind, source: Source, object: Resource, { rule, of }: RuleAt): readonly Mirror[] {
  const { document, tree } = object;
  return (kind.mirrors ?? []).flatMap((mirror) => {
    const { namings = kind.namings, subset } = mirror;
    const named: ListKind = { ...kind, namings, ...(subset && { subset }) };
    const places = mirrorPlaces(mirror, tree, rule);
    return places
      .filter(({ to }) => armAt(named, source, object, { at: to, of }) === "canary")
      .map(({ to: _, ...place }) => ({ document, ...place }));
  });
}

function besides({ beside }: ListKind, list: YamlPath): readonly YamlPath[] {
  return beside === undefined ? [] : [[...list.slice(0, -1), beside]];
}

function itemsAt(
  source: Source,
  tree: Tree,
  path: YamlPath,
): readonly { readonly item: Tree; readonly at: YamlPath }[] {
  return (lookList(source, tree, path)?.items ?? []).map((item, index) => ({ item, at: [...path, index] }));
}

function missingIn({ missing }: ListKind, backends: readonly Backend[]): number | undefined {
  if (typeof missing === "number") return missing;
  return missing === "even" && backends.length === 2 && backends.every(({ weight }) => weight === undefined)
    ? 1
    : undefined;
}

/** The paths that a pattern leads to, as far as there are lists on its way. */
function pathsTo(source: Source, tree: Tree, pattern: Pattern): readonly YamlPath[] {
  return pattern.reduce<readonly YamlPath[]>(
    (paths, part) =>
      part === EACH
        ? paths.flatMap((path) => (lookList(source, tree, path)?.items ?? []).map((_, index) => [...path, index]))
        : paths.map((path) => [...path, part]),
    [[]],
  );
}

// A rule is the last item on the way to its list; the list itself where there is none.
function ruleOf(list: YamlPath): YamlPath {
  const last = list.findLastIndex((part) => typeof part === "number");
  return last === -1 ? list : list.slice(0, last + 1);
}

// A rule that has a name is called by it as well.
function calledIn(object: Resource, list: YamlPath): string {
  const place = ruleOf(list);
  const own = peekText(peek(object.tree, place) ?? object.tree, ["name"]);
  return ruleName(own === undefined ? pathText(place) : `${pathText(place)} (${quote(own)})`, object);
}

type BackendAt = { readonly at: YamlPath; readonly of: RouteOf; readonly scale: Scale };

function backendOf(kind: ListKind, source: Source, object: Resource, { at, of, scale }: BackendAt): Backend {
  const { weight: key = WEIGHT } = kind;
  const weight = scale.read(source, object.tree, [...at, key]);
  return { document: object.document, path: at, key, weight, arm: armAt(kind, source, object, { at, of }) };
}

function armAt(kind: ListKind, source: Source, object: Resource, place: Pick<BackendAt, "at" | "of">): Arm | undefined {
  const named = namedAt(kind, source, object, place);
  return named === undefined ? undefined : ARMS.find((each) => isArm(each, place.of, named));
}

/** Whom a backend means, as far as it may be an arm; `home` is the namespace that a short name means. */
type Named = {
  readonly form: NameForm;
  readonly written: string;
  readonly home: string;
  readonly subset: string | undefined;
};

function namedAt(
  kind: ListKind,
  source: Source,
  { tree }: Resource,
  { at, of }: Pick<BackendAt, "at" | "of">,
): Named | undefined {
  const text: TextAt = (...keys) => lookText(source, tree, [...at, ...keys]);
  const naming = kind.namings.find((each) => text(...each.at) !== undefined) ?? kind.namings[0];
  const written = text(...naming.at) ?? (kind.isNamedByObject ? peekText(tree, ["metadata", "name"]) : undefined);
  const item = peek(tree, at);
  if (written === undefined || item === undefined || kind.isWhole?.(text, item) === false) return undefined;
  const said = naming.namespace === undefined ? undefined : text(...naming.namespace);
  const subset = kind.subset === undefined ? undefined : text(...kind.subset);
  return { form: naming.form, written, home: said ?? homeOf(source, tree, of), subset };
}

// A short name means one beside the object that says it.
function homeOf(source: Source, tree: Tree, { namespace }: RouteOf): string {
  return lookText(source, tree, ["metadata", "namespace"]) ?? namespace;
}

function isArm(arm: Arm, { arms, destinations, namespace }: RouteOf, { form, written, home, subset }: Named): boolean {
  const wanted = destinations?.[arm];
  if (!form.is(written, { service: wanted?.host ?? arms[arm], namespace, home })) return false;
  return wanted === undefined || subset === wanted.subset;
}
