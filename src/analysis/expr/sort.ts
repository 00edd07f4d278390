import { deepEqual, less } from "./compare.ts";
import { unsupported } from "./trouble.ts";
import type { Value } from "./value.ts";

/** An element with what it is sorted by. */
export type Keyed = { readonly by: Value; readonly item: Value };

/** Up to here Go sorts by insertion, whatever the order; beyond, its order among equals is its own affair. */
const INSERTION = 12;

/** The elements from the least to the greatest. */
export function sorted(elements: readonly Keyed[], isDescending: boolean): readonly Value[] {
  const before = (a: Keyed, b: Keyed): boolean => (isDescending ? less(b.by, a.by) : less(a.by, b.by));
  if (elements.length > INSERTION) return sortedMany(elements, before).map(({ item }) => item);
  const found: Keyed[] = [];
  for (const element of elements) {
    let at = found.length;
    for (let last = found[at - 1]; last !== undefined && before(element, last); last = found[at - 1]) at -= 1;
    found.splice(at, 0, element);
  }
  return found.map(({ item }) => item);
}

function sortedMany(elements: readonly Keyed[], before: (a: Keyed, b: Keyed) => boolean): readonly Keyed[] {
  if (elements.some(({ by }) => Number.isNaN(by)))
    unsupported(`sorting more than ${INSERTION} values with NaN among them is not supported`);
  const found = elements.toSorted((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : 0));
  const isOpen = found.some((one, index) => {
    const next = found[index + 1];
    return next !== undefined && !before(one, next) && !deepEqual(one.item, next.item);
  });
  if (isOpen) unsupported(`sorting more than ${INSERTION} values that differ but count as equal is not supported`);
  return found;
}
