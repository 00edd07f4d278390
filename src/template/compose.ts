import type { Problem } from "../config/document.ts";
import type { Node } from "./model.ts";
import { childOf } from "./node.ts";

type Mapping = Extract<Node, { kind: "map" }>;

/** How what a template says goes together with what the one that it extends says under the same key. */
type Rule = (own: Node, base: Node) => Node;

/** Each key of both goes, and so on below; what is no mapping is the template's own as a whole. */
const deep: Rule = (own, base) => (own.kind === "map" && base.kind === "map" ? joined(own, base, () => deep) : own);

/** The same, where nothing takes away what the base says. */
const deepOrNone: Rule = (own, base) =>
  own.kind === "map" && base.kind === "map" ? without(joined(own, base, () => deepOrNone)) : own;

const RULES: ReadonlyMap<string, Rule> = new Map([
  ["parameters", deep],
  ["objects", deepOrNone],
  ["plan", deep],
]);

/** What each template says of itself. */
const NOT_INHERITED: ReadonlySet<string> = new Set(["version", "title", "summary", "extends"]);

/** A template laid over the one that it extends: by name of parameters, by file of objects, and key by key. */
export function overlaid(own: Node, base: Node): Node {
  if (own.kind !== "map" || base.kind !== "map") return own;
  const inherited = { ...base, entries: base.entries.filter(({ key }) => !NOT_INHERITED.has(key)) };
  return joined(own, inherited, (key) => RULES.get(key));
}

/** Keys of objects that take away what no base says. */
export function takenFromNothing(own: Node, base: Node | undefined): readonly Problem[] {
  return nothings(childOf(own, "objects"), childOf(base, "objects"));
}

function nothings(own: Node | undefined, base: Node | undefined): readonly Problem[] {
  if (own?.kind !== "map") return [];
  return own.entries.flatMap(({ key, value }) => {
    const below = childOf(base, key);
    if (!isNothing(value)) return nothings(value, below);
    const message = `${key} is taken away, and nothing that is extended says it.`;
    return below === undefined ? [{ ...value.place, message }] : [];
  });
}

function joined(own: Mapping, base: Mapping, ruleOf: (key: string) => Rule | undefined): Mapping {
  const kept = base.entries.map(({ key, value }) => {
    const mine = childOf(own, key);
    return { key, value: mine === undefined ? value : (ruleOf(key)?.(mine, value) ?? mine) };
  });
  const added = own.entries.filter(({ key }) => childOf(base, key) === undefined);
  return { ...own, entries: [...kept, ...added] };
}

function without(mapping: Mapping): Mapping {
  return { ...mapping, entries: mapping.entries.filter(({ value }) => !isNothing(value)) };
}

function isNothing(node: Node): boolean {
  return node.kind === "scalar" && node.value === null;
}
