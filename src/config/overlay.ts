import { entryAt, peekText } from "../yaml/look.ts";
import type { Entry, List, Mapping, Tree } from "../yaml/tree.ts";
import type { OurFile } from "./document.ts";

/** How what a file says goes together with what the file above it says under the same key. */
type Rule = (own: Tree, above: Tree) => Tree;

/** Each key of both goes; where both say one, by the rule for it, else the file's own counts as a whole. */
function mapping(rules: Readonly<Record<string, Rule>>): Rule {
  return (own, above) => (own.kind === "map" && above.kind === "map" ? joined(own, above, rules) : own);
}

/** Each key of both goes, and so on below. */
const deep: Rule = (own, above) => {
  if (own.kind !== "map" || above.kind !== "map") return own;
  return joined(own, above, Object.fromEntries(own.entries.map(({ key }) => [key, deep])));
};

/** The file's own entries first: of some lists the first entry counts that names something. */
const inTurn: Rule = (own, above) => (isList(own) && isList(above) ? listed(own, above.items) : own);

/** By name; of one name the file's own entry counts as a whole. */
const byName: Rule = (own, above) => {
  if (!isList(own) || !isList(above)) return own;
  const names = new Set(own.items.map((item) => peekText(item, ["name"])));
  return listed(
    own,
    above.items.filter((item) => !names.has(peekText(item, ["name"]))),
  );
};

/** By key of the file; what is not named here is the file's own where it says it. */
const RULES: Readonly<Record<string, Rule>> = {
  metrics: mapping({}),
  targets: byName,
  gates: deep,
  services: inTurn,
  measure: deep,
  pace: deep,
  commands: inTurn,
  policy: mapping({ places: inTurn, exempt: inTurn }),
};

/** What only the file above is about. */
const NOT_INHERITED: ReadonlySet<string> = new Set(["version", "enforced"]);

/** A file laid over another one: what it does not say the one above says. Each place keeps its file and its line. */
export function overlaid(own: OurFile, above: OurFile): OurFile {
  const from = own.text.length + 1;
  const moved = shifted(above.tree, from);
  if (own.tree.kind !== "map" || moved.kind !== "map") return own;
  const inherited = { ...moved, entries: moved.entries.filter(({ key }) => !NOT_INHERITED.has(key)) };
  const tree = joined(own.tree, inherited, RULES);
  return { ...own, tree: withOnly(tree, moved), above: { path: above.path, text: above.text, from } };
}

/** Enforced providers are the only ones: whoever could add one could measure anything. */
function withOnly(tree: Mapping, above: Mapping): Mapping {
  const enforced = entryAt(above, "enforced")?.value;
  const metrics = enforced?.kind === "map" ? entryAt(enforced, "metrics") : undefined;
  if (metrics === undefined) return tree;
  return { ...tree, entries: [...tree.entries.filter(({ key }) => key !== "metrics"), metrics] };
}

function joined(own: Mapping, above: Mapping, rules: Readonly<Record<string, Rule>>): Mapping {
  const mine = own.entries.map((entry): Entry => {
    const other = entryAt(above, entry.key)?.value;
    const rule = Object.hasOwn(rules, entry.key) ? rules[entry.key] : undefined;
    return other === undefined || rule === undefined ? entry : { ...entry, value: rule(entry.value, other) };
  });
  const theirs = above.entries.filter(({ key }) => entryAt(own, key) === undefined);
  return { ...own, entries: [...mine, ...theirs] };
}

function isList(tree: Tree): tree is List {
  return tree.kind === "list";
}

function listed(own: List, more: readonly Tree[]): List {
  return { ...own, items: [...own.items, ...more] };
}

function shifted(tree: Tree, by: number): Tree {
  const spot = { start: tree.start + by, end: tree.end + by };
  switch (tree.kind) {
    case "map": {
      const entries = tree.entries.map(({ key, start, value }) => ({
        key,
        start: start + by,
        value: shifted(value, by),
      }));
      return { ...tree, ...spot, entries };
    }
    case "list":
      return { ...tree, ...spot, items: tree.items.map((item) => shifted(item, by)) };
    default:
      return { ...tree, ...spot };
  }
}
