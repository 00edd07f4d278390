import type { Inventory } from "./inventory.ts";
import type { Fleet, ServiceTarget } from "./model.ts";
import type { ObjectFact } from "./object-facts.ts";

/** The targets in which something runs that a file says, by its path. */
export function targetsByFile({ services }: Fleet): ReadonlyMap<string, readonly ServiceTarget[]> {
  const places = services.flatMap(({ targets }) =>
    targets.flatMap((target) => target.workloads.map(({ path }) => ({ path, target }))),
  );
  const grouped = Map.groupBy(places, ({ path }) => path);
  return new Map([...grouped].map(([path, group]) => [path, group.map(({ target }) => target)]));
}

/** Objects by how they count for a member: `beside` it, in files that have a say in what runs there; or `apart`, where no other target reads them. */
export type Around = {
  readonly beside: readonly ObjectFact[];
  readonly apart: readonly ObjectFact[];
  /** The files that have such a say. */
  readonly reads: ReadonlySet<string>;
};

/** The objects of a repository that are so, around whatever member is written in some files. */
export function surroundings(
  { fleet, state }: Pick<Inventory, "fleet" | "state">,
  isSo: (object: ObjectFact) => boolean,
): (files: readonly string[]) => Around {
  const all = [...state.facts.values()].flatMap(({ objects }) => objects.filter(isSo));
  const read = new Set(fleet.services.flatMap(({ targets }) => targets.flatMap(({ reads }) => reads)));
  const unread = all.filter(({ path }) => !read.has(path));
  const byFile = Map.groupBy(all, ({ path }) => path);
  const running = targetsByFile(fleet);
  return (files) => {
    const own = files.flatMap((path) => running.get(path) ?? []);
    const near = new Set([...files, ...own.flatMap(({ reads }) => reads)]);
    return {
      reads: near,
      beside: [...near].flatMap((path) => byFile.get(path) ?? []),
      apart: unread.filter(({ path }) => !near.has(path)),
    };
  };
}

/** Whether what renders the workloads of a member may give their pods labels that its files do not say; by all files that have a say in it. */
export function labelsExtent({ state }: Pick<Inventory, "state">, reads: ReadonlySet<string>): "whole" | "open" {
  const isOpen = [...reads].some((path) => {
    const facts = state.facts.get(path);
    return facts?.kustomization !== undefined && (facts.text === undefined || LABELLING.test(facts.text));
  });
  return isOpen ? "open" : "whole";
}

const LABELLING = /^["']?(?:labels|commonLabels|patches\w*|components|transformers|replacements)["']?\s*:/m;
