import type { Inventory } from "../manifest/services/inventory.ts";
import type { ObjectFact } from "../manifest/services/object-facts.ts";

type Named = { readonly own: ReadonlySet<string>; readonly spoken: ReadonlySet<string> };

/** What changed files, and all that is rendered with them, are called, and what they speak of: on each side of a change. */
export function namesAround(sides: readonly Inventory[], changed: ReadonlySet<string>): Named {
  const facts = sides.flatMap((side) => [...around(side, changed)].flatMap((path) => objectsAt(side, path)));
  return {
    own: new Set(facts.flatMap(({ kind, name }) => (kind === "Namespace" || name === "" ? [] : [name]))),
    spoken: new Set(facts.flatMap(spokenBy)),
  };
}

/** Changed files, and the files of what is rendered with them. */
function around({ state }: Inventory, changed: ReadonlySet<string>): ReadonlySet<string> {
  const reads = [...state.made.values()].flatMap(({ rendering }) =>
    rendering.reads.some((path) => changed.has(path)) ? rendering.reads : [],
  );
  return new Set([...changed, ...reads]);
}

function objectsAt({ state }: Inventory, path: string): readonly ObjectFact[] {
  return state.facts.get(path)?.objects ?? [];
}

function spokenBy({ holds }: ObjectFact): readonly string[] {
  if (holds.kind === "route") return holds.names;
  return holds.kind === "autoscaler" ? [holds.scales.name] : [];
}

/**
 * The inventory with no more than what a change may make otherwise: what is rendered with changed files, and what has a name that is spoken of there or speaks of
 * one. What a linter finds in it need not be so in the whole; where it finds nothing that was not there before, the whole is not looked at.
 */
export function narrowed(inventory: Inventory, changed: ReadonlySet<string>, { own, spoken }: Named): Inventory {
  const { state } = inventory;
  const isNear = (path: string) =>
    changed.has(path) ||
    objectsAt(inventory, path).some(
      (fact) => own.has(fact.name) || spoken.has(fact.name) || spokenBy(fact).some((name) => own.has(name)),
    );
  const made = new Map([...state.made].filter(([, { rendering }]) => rendering.reads.some(isNear)));
  const read = new Set([...made.values()].flatMap(({ rendering }) => rendering.reads));
  const facts = new Map([...state.facts].filter(([path]) => read.has(path) || isNear(path)));
  return { ...inventory, state: { ...state, made, facts } };
}
