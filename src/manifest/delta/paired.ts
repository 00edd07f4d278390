/** What belongs together on two sides of a change, and what only one side has. */
export type Paired<T> = {
  readonly pairs: readonly { readonly before: T; readonly after: T }[];
  readonly removed: readonly T[];
  readonly added: readonly T[];
};

/** Pairs things of equal keys in their order, by the first key and then, what is left, by the next. */
export function paired<T>(before: readonly T[], after: readonly T[], keys: readonly ((one: T) => string)[]): Paired<T> {
  return keys.reduce<Paired<T>>(pairBy, { pairs: [], removed: before, added: after });
}

function pairBy<T>({ pairs, removed, added }: Paired<T>, keyOf: (one: T) => string): Paired<T> {
  const waiting = Map.groupBy(removed.toReversed(), keyOf);
  const matches = added.map((after) => ({ before: waiting.get(keyOf(after))?.pop(), after }));
  return {
    pairs: [...pairs, ...matches.flatMap(({ before, after }) => (before === undefined ? [] : [{ before, after }]))],
    removed: [...waiting.values()].flatMap((left) => left.toReversed()),
    added: matches.flatMap(({ before, after }) => (before === undefined ? [after] : [])),
  };
}
